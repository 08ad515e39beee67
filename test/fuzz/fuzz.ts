import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type InProcessTestApp, startApp } from '../app/harness.ts';
import { createTestCloud } from '../app/test-app.ts';
import { createRandom, type Random } from '../sandbox/data/random.ts';
import { type Canaries, watchCredentials } from './canaries.ts';
import { createRequests, type FuzzRequest } from './fuzz-requests.ts';
import { fuzzResponses } from './fuzz-responses.ts';
import { createTokens } from './fuzz-tokens.ts';
import { oddValue } from './odd-values.ts';

export interface FuzzOptions {
  readonly count: number;
  readonly seed: string;
  /** Ends earlier than after `count` requests. */
  readonly maxSeconds: number;
}

export type FuzzFigures = Readonly<Record<string, number>>;

/** A callback URL is returned to its owner, but never logged. */
const callbackCanary = 'fuzz-callback-canary';
const batchSize = 8;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/**
 * Calls every operation with valid, mutated and nonsensical requests, half of the time with services that answer nonsense.
 * @throws {AssertionError} for a 5xx that no service caused, for a secret in a reply, the log or telemetry.
 */
export async function runFuzz({ count, seed, maxSeconds }: FuzzOptions): Promise<FuzzFigures> {
  const random = createRandom(`fuzz ${seed}`);
  const cloud = createTestCloud();
  const signingSecret = `whsec_${Buffer.from('a secret of 24 bytes, ok').toString('base64')}`;
  cloud.administrator.putSecret('webhook-secret', signingSecret);
  const settings = { DEFENDER_TENANTS: cloud.world.tenants[1]?.id ?? '', WEBHOOK_SECRET_NAME: 'webhook-secret' };
  const app = await startApp({ cloud, hasStorage: true, settings });
  const endsAt = performance.now() + maxSeconds * 1000;
  const statuses = new Map<number, number>();
  const heapMegabytes: number[] = [];
  let requests = 0;
  try {
    const tokens = await createTokens(cloud);
    const known = [app.host.keys.function, app.host.keys.master, signingSecret, 'c2FuZGJveA==', ...tokens.slice(0, 3)];
    const canaries = watchCredentials(cloud, known);
    const { create, operationIds } = await createRequests(app, tokens, random);
    const called = new Set<string>();
    while (requests < count && performance.now() < endsAt) {
      // A new instance has no tokens: the way to them is fuzzed as well.
      if (random.chance(0.1)) await app.host.restart();
      const endFaults = random.chance(0.5) ? fuzzResponses(app, random, 0.4) : undefined;
      const batch = Array.from({ length: batchSize }, create);
      await Promise.all(
        batch.map(async (each) => {
          called.add(each.operation);
          const status = await callOnce(app, each, canaries, endFaults !== undefined);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }),
      );
      await runInBackground(app, random);
      endFaults?.();
      requests += batch.length;
      assertNothingLogged(app, canaries);
      if (requests % (batchSize * 32) === 0) heapMegabytes.push(measureHeap());
    }
    heapMegabytes.push(measureHeap());
    return {
      requests,
      operations: called.size,
      operationsMissed: operationIds.length - called.size,
      ...Object.fromEntries(
        [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => [`status${status}`, times]),
      ),
      heapMegabytesFirst: heapMegabytes[0] ?? 0,
      heapMegabytesLast: heapMegabytes.at(-1) ?? 0,
    };
  } finally {
    await app.stop();
  }
}

/** Runs a random timer, or a queue function with a message that the app never sent. A failure is for the platform to retry. */
async function runInBackground({ host }: InProcessTestApp, random: Random): Promise<void> {
  const jobs = host.functions.filter(({ type }) => type === 'timer' || type === 'queue');
  const job = jobs[random.integer(0, jobs.length - 1)];
  if (job && random.chance(0.3)) await host.runFunction(job.name, JSON.stringify(oddValue(random))).catch(() => {});
}

async function callOnce(
  { call, host }: InProcessTestApp,
  { request, options }: FuzzRequest,
  canaries: Canaries,
  hasFaults: boolean,
): Promise<number> {
  const shown = () => `${request.slice(0, 500)} ${JSON.stringify(options).slice(0, 2_000)}`;
  const reply = await call(request, options);
  const written = [reply.text, ...[...reply.headers].flat()].join('\n');
  assert.equal(canaries.findIn(written), undefined, `A secret in the reply to ${shown()}`);
  // A damaged row can look like one that was written with another setting.
  const isConfiguration = hasFaults && reply.text.includes('"InvalidConfiguration"');
  const isOwn = (reply.status === 500 && !isConfiguration) || (reply.status > 500 && !hasFaults);
  assert.ok(!isOwn, `${reply.status} ${reply.text.slice(0, 1_000)} for ${shown()}\n${host.logs.slice(-20).join('\n')}`);
  assert.ok(
    reply.status < 400 || reply.text.length < 100_000,
    `A problem of ${reply.text.length} characters: ${shown()}`,
  );
  assert.equal(Reflect.get({}, 'polluted'), undefined, `A polluted prototype after ${shown()}`);
  return reply.status;
}

/** Looks through the log and telemetry, and empties both. */
function assertNothingLogged({ host, observations, cloud }: InProcessTestApp, canaries: Canaries): void {
  const lines = [...host.logs, JSON.stringify(observations)].join('\n');
  assert.equal(canaries.findIn(lines), undefined, 'A secret in the log or telemetry');
  assert.ok(!lines.includes(callbackCanary), `A callback URL in the log or telemetry`);
  host.logs.length = 0;
  observations.length = 0;
  cloud.calls.clear();
  cloud.received.length = 0;
}

function measureHeap(): number {
  collectGarbage();
  return Math.round(process.memoryUsage().heapUsed / 1_000_000);
}
