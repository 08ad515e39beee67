import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import * as z from 'zod/mini';
import { createTestCloud } from '../app/test-app.ts';
import { createMovableTime } from '../host/movable-time.ts';
import { createRandom } from '../sandbox/data/random.ts';
import { breakConnection, loseAnswer, replyWith } from '../sandbox/faults.ts';
import type { Incident } from '../sandbox/incident.ts';
import type { ReceivedMessage } from '../sandbox/webhook-receiver.ts';
import { startAzurite } from '../storage/azurite.ts';
import { startFlakyStorage } from '../storage/flaky-storage.ts';
import { startApp } from './harness.ts';

/*
 * The feed and its deliveries through days in which every dependency fails. The same seed makes the same days; when exactly a
 * process is killed is up to the machine.
 */
const seed = process.env.TORTURE_SEED ?? '1';
const knownIncidents = 10_000;
const rounds = Number(process.env.TORTURE_ROUNDS ?? 12);
const roundMs = 2 * 60 * 60_000;
const minuteMs = 60_000;

const random = createRandom(`torture ${seed}`);
const time = createMovableTime();
const azurite = await startAzurite(time);
let storageFailures = 0;
let countdown = Number.POSITIVE_INFINITY;
let kills = 0;
let isStorageFlaky = false;
const storage = await startFlakyStorage(azurite.connectionString, () => {
  if (--countdown === 0) kill();
  if (!isStorageFlaky || !random.chance(0.01)) return 'answered';
  storageFailures++;
  return random.pick([500, 503, 'broken'] as const);
});
const cloud = createTestCloud({ now: time.now, behavior: { limits: true, retryAfter: true } });
const app = await startApp({ cloud, time, settings: { AzureWebJobsStorage: storage.connectionString } });
const beside = await app.startBeside({ AzureWebJobsStorage: storage.connectionString });
const hosts = [app.host, beside.host];
after(async () => {
  await beside.stop();
  await app.stop();
  await storage.stop();
  await azurite.stop();
  time.close();
});

const oneOf = <T>(items: readonly T[]): T =>
  items[random.integer(0, items.length - 1)] ?? assert.fail('Nothing to choose from');

function kill(): void {
  const { appPid } = oneOf(hosts);
  if (appPid === undefined) return;
  process.kill(appPid, 'SIGKILL');
  kills++;
}

const store = cloud.securityOf(cloud.world.home.id).incidents;
const [template] = store.all();
assert.ok(template);
const small: Incident = { ...template, alerts: [], comments: [], redirectIncidentId: null, status: 'Active' };
const firstId = 1_000_000;
const ids: number[] = [];
const written = (at: number) =>
  new Date(at).toISOString().replace('Z', `${String(random.integer(0, 9_999)).padStart(4, '0')}Z`);

function add(at: number, lastUpdateTime = written(at)): void {
  const incidentId = firstId + ids.length;
  ids.push(incidentId);
  store.add({ ...small, incidentId, createdTime: lastUpdateTime, lastUpdateTime });
}

function update(at: number): void {
  const incident = store.get(oneOf(ids));
  const lastUpdateTime = written(at);
  if (incident === undefined || incident.lastUpdateTime >= lastUpdateTime) return;
  const isMerged = random.chance(0.05);
  store.update(incident.incidentId, {
    lastUpdateTime,
    status: isMerged ? 'Redirected' : random.pick(['Active', 'InProgress', 'Resolved'] as const),
    ...(isMerged && { redirectIncidentId: oneOf(ids) }),
  });
}

const listSchema = z.object({ value: z.array(z.object({ incidentId: z.number(), lastUpdateTime: z.string() })) });
/** What Defender has shown to the app. */
const shown = new Set<string>();
const counts = { throttled: 0, failed: 0, broken: 0, refused: 0 };
let poison: number | undefined;
let isOutage = false;
let isUnreliable = false;

cloud.faults.add({
  service: 'defenderXdr',
  async effect(_request, answer) {
    const reply = await answer();
    if ('broken' in reply || reply.status !== 200) return reply;
    const { data } = listSchema.safeParse(JSON.parse(Buffer.from(reply.body).toString()));
    for (const { incidentId, lastUpdateTime } of data?.value ?? []) shown.add(`${incidentId}@${lastUpdateTime}`);
    return reply;
  },
});
cloud.faults.add({
  service: 'defenderXdr',
  async effect(request, answer) {
    if (isOutage) return { status: 503, headers: {}, body: '' };
    if (isUnreliable && random.chance(0.04)) {
      counts.throttled++;
      return { status: 429, headers: { 'retry-after': '20' }, body: '' };
    }
    if (isUnreliable && random.chance(0.04)) {
      counts.failed++;
      return { status: 500, headers: {}, body: '' };
    }
    if (isUnreliable && random.chance(0.03)) {
      counts.broken++;
      return breakConnection(request, answer);
    }
    // A concurrent update.
    if (isUnreliable && random.chance(0.2)) update(time.now());
    const reply = await answer();
    const isBad =
      poison !== undefined && 'body' in reply && Buffer.from(reply.body).includes(`"incidentId":${poison},`);
    return isBad ? { status: 500, headers: {}, body: '' } : reply;
  },
});
let refusals = 0;
let lostAnswers = 0;
cloud.faults.add({
  service: 'webhookReceiver',
  match: ({ url }) => isUnreliable && url.includes('/flaky') && random.chance(0.5),
  effect(request, answer) {
    refusals++;
    if (random.chance(0.7))
      return replyWith({ status: random.pick([500, 404, 302] as const), headers: {}, body: '' })(request, answer);
    if (random.chance(0.5)) return breakConnection(request, answer);
    lostAnswers++;
    return loseAnswer(request, answer);
  },
});

async function subscribe(callbackUrl: string): Promise<string> {
  const { json } = await app.call('POST /subscriptions', { json: { callbackUrl } });
  return z.object({ signingSecret: z.string() }).parse(json).signingSecret;
}

/** Both hosts sync incidents at the same time and process all resulting messages. */
async function work(): Promise<void> {
  // One of them may be killed during this.
  await Promise.allSettled(hosts.map((host) => host.runFunction('syncIncidents')));
  for (let turn = 0; turn < 2; turn++) await Promise.all(hosts.map((host) => host.drainQueues()));
}

async function pass(ms: number): Promise<void> {
  time.advance(ms);
  await work();
}

const eventSchema = z.object({
  type: z.string(),
  data: z.object({ incidentId: z.number(), lastUpdateTime: z.string() }),
});

/** What one subscriber got, in order. */
function readMessages(messages: readonly ReceivedMessage[], path: string, secret: string) {
  return messages
    .filter(({ url }) => url.endsWith(path))
    .map((message) => {
      const { type, data } = eventSchema.parse(message.verify(secret));
      return { webhookId: message.webhookId, type, incidentId: data.incidentId, version: data.lastUpdateTime };
    });
}

it('loses nothing in days of failures', { timeout: 300_000 }, async (t) => {
  for (let index = 0; index < knownIncidents; index++) add(time.now() - (index + 1) * minuteMs);
  await pass(minuteMs);
  const known = new Set(shown);
  shown.clear();
  const steadySecret = await subscribe('https://prod-01.westeurope.logic.azure.com/steady');
  const flakySecret = await subscribe('https://prod-02.westeurope.logic.azure.com/flaky');

  const subscribedAt = time.now();
  for (let round = 0; round < rounds; round++) {
    isUnreliable = round % 6 !== 5;
    isStorageFlaky = isUnreliable;
    isOutage = round >= rounds / 3 && round < rounds / 2;
    const now = time.now();
    for (let count = random.integer(5, 25); count > 0; count--) add(now + random.integer(0, roundMs - 1));
    for (let count = random.integer(5, 25); count > 0; count--) update(now + random.integer(0, roundMs - 1));
    if (round === Math.floor(rounds / 4))
      for (let count = 0; count < 1_200; count++)
        add(now, `${new Date(now + minuteMs).toISOString().slice(0, 23)}4567Z`);
    if (round === Math.floor(rounds * 0.6)) poison = ids.at(-3);
    if (round === Math.floor(rounds * 0.8)) poison = undefined;
    countdown = round % 3 === 1 ? random.integer(5, 400) : Number.POSITIVE_INFINITY;
    await pass(roundMs);
    // Visible only now, though updated before the last look.
    for (let count = random.integer(0, 8); count > 0; count--) add(time.now() - random.integer(0, 9 * minuteMs));
    await pass(minuteMs);
  }

  isUnreliable = false;
  isStorageFlaky = false;
  countdown = Number.POSITIVE_INFINITY;
  let waiting = 1;
  for (let hours = 0; hours < 30 && waiting > 0; hours++) {
    await pass(60 * minuteMs);
    const { json } = await app.call('GET /subscriptions');
    const list = z.object({ value: z.array(z.object({ waiting: z.number(), deadLettered: z.number() })) }).parse(json);
    waiting = list.value.reduce((sum, each) => sum + each.waiting, 0);
    assert.equal(
      list.value.reduce((sum, each) => sum + each.deadLettered, 0),
      0,
    );
  }

  const expected = [...shown].filter((version) => !known.has(version));
  // These have not changed since they became visible, so their last version must have been published.
  const last = store
    .all()
    .filter(({ incidentId, lastUpdateTime }) => incidentId >= firstId && Date.parse(lastUpdateTime) > subscribedAt)
    .map(({ incidentId, lastUpdateTime }) => `${incidentId}@${lastUpdateTime}`);
  let duplicates = 0;
  for (const [path, secret] of [
    ['/steady', steadySecret],
    ['/flaky', flakySecret],
  ] as const) {
    const messages = readMessages(cloud.received, path, secret);
    const got = new Set(messages.map(({ incidentId, version }) => `${incidentId}@${version}`));
    const lost = [...expected, ...last].filter((version) => !got.has(version));
    assert.deepEqual(lost, [], `Lost on the way to ${path}`);
    const webhookIds = new Set(messages.map(({ webhookId }) => webhookId));
    assert.equal(webhookIds.size, got.size, 'A version has one webhook-id');
    duplicates += messages.length - webhookIds.size;
    assertOrder(messages);
  }
  assert.ok(duplicates <= lostAnswers + 16 * kills + storageFailures, `${duplicates} duplicates`);
  t.diagnostic(
    `seed ${seed}: ${knownIncidents} incidents known, ${expected.length} versions shown in ${rounds} rounds of two hours, ${cloud.received.length} deliveries; 0 lost, ${duplicates} duplicates with their webhook-id; ` +
      `${kills} kills, ${counts.throttled} × 429, ${counts.failed} × 500, ${counts.broken} broken connections, ${storageFailures} failures of storage, ${refusals} of the receiver (${lostAnswers} answers lost)`,
  );
});

/** Versions of an incident arrive in order, the first as its creation. */
function assertOrder(messages: ReturnType<typeof readMessages>): void {
  const latest = new Map<number, string>();
  const seen = new Set<string>();
  const created = new Set<number>();
  for (const { webhookId, type, incidentId, version } of messages) {
    if (seen.has(webhookId)) continue;
    seen.add(webhookId);
    assert.ok((latest.get(incidentId) ?? '') < version, `Incident ${incidentId} in order`);
    latest.set(incidentId, version);
    if (type === 'incident.created') assert.ok(!created.has(incidentId), `Incident ${incidentId} is created once`);
    else assert.ok(created.has(incidentId), `Incident ${incidentId} is created before it is updated`);
    created.add(incidentId);
  }
}
