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
    await subscribeToAll(app);
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

/** A feed runs only with a listener. */
async function subscribeToAll({ host }: RunningApp): Promise<void> {
  const response = await fetch(`${host.url}/api/subscriptions`, {
    method: 'POST',
    headers: { 'x-functions-key': host.keys.function, 'content-type': 'application/json' },
    body: JSON.stringify({ callbackUrl: 'https://prod-00.westeurope.logic.azure.com/bench', tenantIds: ['*'] }),
  });
  if (response.status !== 201) throw new Error(`Failed to subscribe: ${response.status}`);
}

async function pass({ host }: RunningApp): Promise<number> {
  const startedAt = performance.now();
  await host.runFunction('syncIncidents');
  await host.drainQueues();
  return performance.now() - startedAt;
}

/** Peak memory of the app's process: with an asynchronous hunt, and with a synchronous one. */
export async function measureLargeHunt(scene: Scene): Promise<Figure> {
  const azurite = await startAzurite();
  const { rows, bytes } = await scene.ask('largeHunts');
  try {
    await using app = await scene.start('app', { AzureWebJobsStorage: azurite.connectionString });
    await app.call('top=1');
    const beforeMb = await app.readMemoryMb();
    const location = (await hunt(app, { prefer: 'respond-async' })).headers.get('location') ?? '';
    await app.host.drainQueues();
    const huntedMb = await app.readPeakMb();
    await (await fetch(location, { headers: { 'x-functions-key': app.host.keys.function } })).arrayBuffer();
    const answeredMb = await app.readPeakMb();
    const atOnceMb = await measureHuntAtOnce(scene);
    return {
      name: `memory of the app, before, while ${rows.toLocaleString('en')} rows (${(bytes / 1e6).toFixed(0)} MB) are hunted into a blob, while they are answered, and where they are answered at once`,
      goal: 'not twice the result',
      result: `${[beforeMb, huntedMb, answeredMb, atOnceMb].map((mb) => mb.toFixed(0)).join(', ')} MB`,
    };
  } finally {
    await azurite.stop();
  }
}

async function measureHuntAtOnce(scene: Scene): Promise<number> {
  await using app = await scene.start('app', {});
  await (await hunt(app, {})).arrayBuffer();
  return await app.readPeakMb();
}

const hunt = ({ host }: RunningApp, headers: Record<string, string>) =>
  fetch(`${host.url}/api/hunting`, {
    method: 'POST',
    headers: { 'x-functions-key': host.keys.function, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: 'x' }),
  });
