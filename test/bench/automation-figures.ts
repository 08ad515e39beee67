import { startAzurite } from '../storage/azurite.ts';
import type { Figure } from './figures.ts';
import type { RunningApp, Scene } from './scene.ts';

/** The second pass, when every tenant has a token and nothing is new. */
export async function measureFeedPass(scene: Scene): Promise<Figure> {
  const tenants = await scene.ask('tenants');
  const azurite = await startAzurite();
  try {
    await using app = await scene.start('app', {
      DEFENDER_TENANTS: tenants.join(','),
      AzureWebJobsStorage: azurite.connectionString,
      'AzureWebJobs.syncIncidents.Disabled': 'true',
    });
    await pass(app);
    await scene.ask('counts');
    const elapsedMs = await pass(app);
    const { api } = await scene.ask('counts');
    return {
      name: 'one pass of the incident feed over 1,001 tenants with nothing new',
      goal: '≪ 60 s, 1 call each',
      result: `${(elapsedMs / 1000).toFixed(1)} s, ${api} calls`,
    };
  } finally {
    await azurite.stop();
  }
}

async function pass({ host }: RunningApp): Promise<number> {
  const startedAt = performance.now();
  await host.runFunction('syncIncidents');
  await host.drainQueues();
  return performance.now() - startedAt;
}

/** Of the app's process: what it takes more, at the most, than before. */
export async function measureLargeHunt(scene: Scene): Promise<Figure> {
  const azurite = await startAzurite();
  const mode = await scene.ask('largeHunts');
  try {
    await using app = await scene.start('app', { AzureWebJobsStorage: azurite.connectionString });
    const headers = { 'x-functions-key': app.host.keys.function, 'content-type': 'application/json' };
    const start = () =>
      fetch(`${app.host.url}/api/hunting`, {
        method: 'POST',
        headers: { ...headers, prefer: 'respond-async' },
        body: JSON.stringify({ query: 'x' }),
      });
    await app.call('top=1');
    const beforeMb = await app.readMemoryMb();
    const location = (await start()).headers.get('location') ?? '';
    await app.host.drainQueues();
    const huntedMb = await app.readPeakMb();
    const reply = await fetch(location, { headers: { ...headers, accept: 'application/x-ndjson' } });
    const bytes = (await reply.arrayBuffer()).byteLength;
    const answeredMb = await app.readPeakMb();
    return {
      name: `memory of the app, before, while ${mode.rows.toLocaleString('en')} rows (${(mode.bytes / 1e6).toFixed(0)} MB) are hunted into a blob, and while they are answered`,
      goal: 'not twice the result',
      result: `${beforeMb.toFixed(0)}, ${huntedMb.toFixed(0)}, ${answeredMb.toFixed(0)} MB (${(bytes / 1e6).toFixed(0)} MB answered)`,
    };
  } finally {
    await azurite.stop();
  }
}
