import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { startAzurite } from '../storage/azurite.ts';
import { openScene, type RunningApp, type Scene } from './scene.ts';

/*
 * Memory that the app's process takes for a hunting result of 52 MB, in a heap of 96 MB: the growth of its resident set, at its peak, over
 * the one before. Then three results in a row beside other requests, and the same in the default heap.
 */
const heapMb = 96;
const formats = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
const query = JSON.stringify({ query: 'x' });

await using scene = await openScene();
const azurite = await startAzurite();
console.log('| result | rows | JSON | NDJSON | CSV |\n|---|---|---|---|---|');
for (const rows of ['plain', 'annotated'] as const) {
  const { bytes } = await scene.ask(rows === 'plain' ? 'largeHunts' : 'annotatedHunts');
  const row = `${rows}, ${(bytes / 1e6).toFixed(0)} MB`;
  await print('returned at once', row, (app, accept) => runAtOnce(app, accept));
  await print('returned from storage', row, async (app, accept) => {
    const location = await runAsynchronously(app);
    return await measureGrowth(app, () => read(app, location, { headers: { accept } }));
  });
  await print('written to storage', row, (app) => measureGrowth(app, () => runAsynchronously(app)));
  await print('saved hunt, delivered to three subscriptions', row, (app) =>
    measureGrowth(app, () => runSavedHunt(app)),
  );
}
console.log(await measureRow(scene));
await azurite.stop();

async function print(
  result: string,
  rows: string,
  measure: (app: RunningApp, accept: string) => Promise<number>,
): Promise<void> {
  const grown: string[] = [];
  for (const accept of formats) {
    await using app = await start({ NODE_OPTIONS: `--max-old-space-size=${heapMb}` });
    grown.push(`+${(await measure(app, accept)).toFixed(0)} MB`);
  }
  console.log(`| ${result} | ${rows} | ${grown.join(' | ')} |`);
}

async function start(settings: Record<string, string>): Promise<RunningApp> {
  const app = await scene.start('app', { AzureWebJobsStorage: azurite.connectionString, ...settings });
  for (let calls = 0; calls < 20; calls++) await app.call('top=20');
  return app;
}

function runAtOnce(app: RunningApp, accept: string): Promise<number> {
  const init = { method: 'POST', body: query, headers: { accept } };
  return measureGrowth(app, () => read(app, `${app.host.url}/api/hunting`, init));
}

async function runAsynchronously(app: RunningApp): Promise<string> {
  const accepted = await request(app, `${app.host.url}/api/hunting`, {
    method: 'POST',
    body: query,
    headers: { prefer: 'respond-async' },
  });
  await app.host.drainQueues();
  return accepted.headers.get('location') ?? '';
}

async function runSavedHunt(app: RunningApp): Promise<void> {
  const post = (path: string, body: object) =>
    request(app, `${app.host.url}/api/${path}`, { method: 'POST', body: JSON.stringify(body) });
  for (const name of ['a', 'b', 'c']) {
    const callbackUrl = `https://prod-00.westeurope.logic.azure.com/${name}`;
    await post('subscriptions', { callbackUrl, events: ['hunt.results'] });
  }
  const { id } = Object(await (await post('hunts', { name: 'x', query: 'x', schedule: '* * * * * *' })).json());
  // Until it is due.
  await setTimeout(1_100);
  await app.host.runFunction('runScheduledHunts');
  await app.host.drainQueues();
  await request(app, `${app.host.url}/api/hunts/${id}`, { method: 'DELETE' });
}

/** Three results in a row beside eight lists at a time. */
async function measureRow({ ask }: Scene): Promise<string> {
  await ask('annotatedHunts');
  const peaks: string[] = [];
  // 256 MB is the default heap of Node.js on an instance of 512 MB.
  for (const size of [heapMb, 256]) {
    await using app = await start({ NODE_OPTIONS: `--max-old-space-size=${size}` });
    let isOver = false;
    const others = Array.from({ length: 8 }, async () => {
      let calls = 0;
      for (; !isOver; calls++) await app.call('top=20');
      return calls;
    });
    for (const accept of formats)
      await read(app, `${app.host.url}/api/hunting`, { method: 'POST', body: query, headers: { accept } });
    isOver = true;
    const calls = (await Promise.all(others)).reduce((sum, each) => sum + each, 0);
    peaks.push(`${(await app.readPeakMb()).toFixed(0)} MB beside ${calls} lists (heap of ${size} MB)`);
  }
  return `\nThree results in a row, peak of the process: ${peaks.join(', ')}`;
}

async function measureGrowth(app: RunningApp, action: () => Promise<unknown>): Promise<number> {
  // Resets the peak to the present size.
  await writeFile(`/proc/${app.host.appPid}/clear_refs`, '5');
  const before = await app.readMemoryMb();
  await action();
  return (await app.readPeakMb()) - before;
}

async function read(app: RunningApp, url: string, init: RequestInit): Promise<void> {
  const response = await request(app, url, init);
  if (response.status !== 200) throw new Error(`Unexpected status ${response.status}: ${await response.text()}`);
  for await (const _ of response.body ?? []);
}

function request({ host }: RunningApp, url: string, { headers, ...init }: RequestInit): Promise<Response> {
  const key = { 'x-functions-key': host.keys.function, 'content-type': 'application/json' };
  return fetch(url, { ...init, headers: { ...key, ...headers } });
}
