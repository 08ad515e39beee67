/** Prints the source files that run between a trigger and the wire: `node test/docs/reading-paths.ts`. The figures are in docs/architecture.md. */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp } from '../app/harness.ts';
import { createMovableTime } from '../app/movable-time.ts';
import { subscriber } from '../app/subscriber.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** Own source files of which a function ran, not counting the evaluation of the module. */
async function filesOf(run: () => Promise<unknown>): Promise<string[]> {
  await session.post('Profiler.takePreciseCoverage');
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const hasRun = ({ functionName, ranges: [range] }: (typeof result)[number]['functions'][number]) =>
    range !== undefined && range.count > 0 && !(functionName === '' && range.startOffset === 0);
  return result
    .filter(({ url, functions }) => url.startsWith('file:') && functions.some(hasRun))
    .map(({ url }) => relative(root, fileURLToPath(url)))
    .filter((path) => /^(functions|shared)\//.test(path))
    .sort();
}

const time = createMovableTime();
await using app = await startApp({ hasStorage: true, time });
const { subscribe, addIncident, sync } = subscriber(app);
const machine = app.cloud.securityOf(app.cloud.world.home.id).machines[0];
const act = (key: string, type: string) =>
  app.call(`POST /machines/${machine?.id}/actions`, {
    json: { type, comment: 'x' },
    headers: { 'idempotency-key': key },
  });

async function deliver(): Promise<void> {
  addIncident();
  time.advance(60_000);
  await sync();
}

await app.call('GET /incidents');
await act('first', 'collectInvestigationPackage');
await subscribe();
await deliver();

for (const [title, run] of [
  ['GET /incidents', () => app.call('GET /incidents')],
  ['machine action with an Idempotency-Key', () => act('second', 'runAntiVirusScan')],
  ['feed to delivered webhook', deliver],
] as const) {
  const files = await filesOf(run);
  console.log(`${files.length}  ${title}\n${files.map((path) => `      ${path}`).join('\n')}`);
}
