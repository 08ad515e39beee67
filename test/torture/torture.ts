import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { addTortureFaults, type TortureFaults } from './torture-faults.ts';
import { createPoller } from './torture-polls.ts';
import { assertDelivered, readMessages, type Subscriber } from './torture-verdict.ts';
import { createTortureWorld, type TortureWorld } from './torture-world.ts';

const minuteMs = 60_000;
const roundMs = 2 * 60 * minuteMs;
const dayMs = 24 * 60 * minuteMs;
/** More than every retention period of the app. */
const retentionDays = 400;

export interface TortureOptions {
  /** Rounds of two hours. */
  readonly rounds: number;
  /** The same seed makes the same days. */
  readonly seed: string;
  /** Incidents of each tenant before the first subscription. */
  readonly knownIncidents: number;
  /** Incidents with one `lastUpdateTime`. */
  readonly burst: number;
}

/** Figures of a run, by name. */
export type TortureFigures = Readonly<Record<string, number>>;

/**
 * Takes the feed and its deliveries on two instances through days in which every dependency fails, and checks that nothing is
 * lost, nothing reaches a wrong tenant and nothing is left behind.
 * @throws {AssertionError} for the first guarantee that does not hold.
 */
export async function runTorture({ rounds, seed, knownIncidents, burst }: TortureOptions): Promise<TortureFigures> {
  const world = await createTortureWorld(seed);
  const { cloud, tenants, time } = world;
  try {
    const faults = addTortureFaults(world);
    for (const tenant of tenants)
      for (let index = 0; index < knownIncidents; index++)
        tenant.add(time.now() - (index + 1) * minuteMs - 20 * minuteMs);
    const subscribers = await subscribeAll(world);
    const removed = await subscribe(world, 'removed', [tenants[0]?.tenantId ?? '']);
    const pollers = tenants.map((tenant) => createPoller(world, tenant));
    const pollAll = async () => {
      for (const poller of pollers) await poller.poll();
    };
    await pollAll();
    await world.pass(minuteMs);
    const subscribedAt = time.now();
    for (let round = 0; round < rounds; round++) {
      if (round === Math.floor(rounds / 4)) tenants[0]?.addBurst(burst, time.now() + minuteMs);
      await runRound(world, faults, round, rounds);
      await pollAll();
      if (round === Math.floor(rounds / 2)) await removeDuringPublishing(world, removed.id);
    }
    Object.assign(faults, { isUnreliable: false, isOutage: false, poisonedId: undefined });
    faults.countdown = Number.POSITIVE_INFINITY;
    await settle(world);
    await pollAll();

    let duplicates = 0;
    for (const subscriber of subscribers) {
      duplicates += assertDelivered(subscriber, readMessages(cloud.received, subscriber), subscribedAt);
    }
    const pollRepeats = pollers.reduce((sum, poller) => sum + poller.assertComplete(subscribedAt), 0);
    const deliveries = cloud.received.length;
    const left = await leaveNothing(world);
    return {
      rounds,
      knownIncidents,
      deliveries,
      duplicates,
      pollRepeats,
      left,
      maxMessages: world.maxMessages,
      ...faults.counts,
    };
  } finally {
    await world.stop();
  }
}

async function subscribe({ call }: TortureWorld, name: string, tenantIds: readonly string[]) {
  const url = `https://prod-01.westeurope.logic.azure.com/${name}`;
  const { json, text } = await call('POST /subscriptions', { json: { callbackUrl: url, tenantIds } });
  const parsed = z.safeParse(z.object({ id: z.string(), signingSecret: z.string() }), json);
  assert.ok(parsed.success, text);
  return { name, url, id: parsed.data.id, secret: parsed.data.signingSecret };
}

async function subscribeAll(world: TortureWorld): Promise<Subscriber[]> {
  const [home, customer] = world.tenants;
  assert.ok(home && customer);
  const wanted = { steady: [home, customer], flaky: [home, customer], slow: [home], hanging: [customer] };
  const subscribers: Subscriber[] = [];
  for (const [name, tenants] of Object.entries(wanted)) {
    const created = await subscribe(
      world,
      name,
      tenants.map(({ tenantId }) => tenantId),
    );
    subscribers.push({ ...created, tenants });
  }
  return subscribers;
}

async function runRound(world: TortureWorld, faults: TortureFaults, round: number, rounds: number): Promise<void> {
  const { random, tenants, time, pass } = world;
  faults.isUnreliable = round % 6 !== 5;
  faults.isOutage = round >= rounds / 3 && round < rounds / 2;
  const now = time.now();
  for (const tenant of tenants) {
    for (let count = random.integer(5, 25); count > 0; count--) tenant.add(now + random.integer(0, roundMs - 1));
    for (let count = random.integer(5, 25); count > 0; count--) tenant.update(now + random.integer(0, roundMs - 1));
  }
  if (round === Math.floor(rounds * 0.6)) faults.poisonedId = tenants[0]?.newestId();
  if (round === Math.floor(rounds * 0.8)) faults.poisonedId = undefined;
  faults.countdown = round % 2 === 1 ? random.integer(5, 400) : Number.POSITIVE_INFINITY;
  await pass(roundMs);
  // Visible only now, though updated before the last read.
  for (const tenant of tenants)
    for (let count = random.integer(0, 8); count > 0; count--) tenant.add(time.now() - random.integer(0, 9 * minuteMs));
  await pass(minuteMs);
}

async function removeDuringPublishing({ call, tenants, time, pass }: TortureWorld, id: string): Promise<void> {
  tenants[0]?.addBurst(150, time.now() + minuteMs);
  const published = pass(2 * minuteMs);
  const { status } = await call(`DELETE /subscriptions/${id}`);
  assert.ok(status === 204 || status >= 500, `${status}`);
  await published;
}

const listSchema = z.object({
  value: z.array(z.object({ id: z.string(), waiting: z.number(), deadLettered: z.number() })),
});

/** Lets hours pass without faults until every event is delivered, and resends dead letters. */
async function settle({ call, pass }: TortureWorld): Promise<void> {
  for (let hours = 0; hours < 40; hours++) {
    await pass(60 * minuteMs);
    const { value } = listSchema.parse((await call('GET /subscriptions')).json);
    if (hours > 0 && value.every(({ waiting, deadLettered }) => waiting === 0 && deadLettered === 0)) return;
    for (const { id, deadLettered } of value)
      if (deadLettered > 0) await call(`POST /subscriptions/${id}/dead-letters`);
  }
  const { text } = await call('GET /subscriptions');
  assert.fail(`Deliveries are still waiting after 40 hours without faults: ${text}`);
}

/** Removes every subscription, lets retention pass and returns the number of rows, blobs and messages that remain. */
async function leaveNothing({ app, call, instances, pass, run }: TortureWorld): Promise<number> {
  const { value } = listSchema.parse((await call('GET /subscriptions')).json);
  for (const { id } of value) await call(`DELETE /subscriptions/${id}`);
  for (let days = 0; days < retentionDays; days += 20) {
    await pass(20 * dayMs);
    for (const { host } of instances)
      for (const { name, type } of host.functions) if (type === 'timer') await run(host.runFunction(name));
  }
  await pass(minuteMs);
  const left = app.storage.contents.filter((name) => !expectedAfterwards.test(name));
  assert.deepEqual(left, [], 'Left behind');
  return left.length + app.storage.queues.count();
}

/** State of the app that does not grow: tenants, generations, checkpoints, leases, the number of subscriptions. */
const expectedAfterwards = /^(defendertenants|defenderstate)\/|\/!count$/;
