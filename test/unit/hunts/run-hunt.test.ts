import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Defender } from '../../../shared/defender/defender.ts';
import type { HuntingResult } from '../../../shared/defender/hunting-result.ts';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { type HuntMessage, runHunt } from '../../../shared/hunts/run-hunt.ts';
import { createSavedHunts, nextRun } from '../../../shared/hunts/saved-hunts.ts';
import { runDueHunts } from '../../../shared/hunts/scheduled-hunts.ts';
import type { TenantEvent } from '../../../shared/webhooks/event.ts';
import { createFakeBlobs } from '../storage/fake-blobs.ts';
import { createFakeQueue } from '../storage/fake-queue.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;
const [first, second, pending] = [1, 2, 3].map((digit) => `${String(digit).repeat(8)}-2222-4333-8444-555555555555`);
assert.ok(first && second && pending);

const toResult = (values: unknown[]): HuntingResult => ({
  schema: [{ name: 'Id', type: 'String' }],
  rows: values.map((Id) => JSON.stringify({ Id })),
});

function createScene() {
  let at = Date.parse('2026-11-20T10:02:00Z');
  const clock = { now: () => at, startTimer: () => () => {} };
  const table = createFakeTable();
  const queue = createFakeQueue();
  const blobs = createFakeBlobs(clock.now);
  const hunts = createSavedHunts(table, clock);
  const events: TenantEvent[] = [];
  let values = (_tenantId: string): unknown[] => [];
  let publishEvents = async (group: readonly TenantEvent[]) => events.push(...group);
  const openDefender = (tenantId: string) =>
    ({ hunting: { run: async () => toResult(values(tenantId)) } }) as unknown as Defender;
  const parts = {
    hunts,
    table,
    blobs,
    queue,
    clock,
    openDefender,
    publishEvents: (group: readonly TenantEvent[]) => publishEvents(group),
  };
  const tenants = {
    listServedTenants: async () => [
      { tenantId: first ?? '', isPending: false },
      { tenantId: second ?? '', isPending: false },
      { tenantId: pending ?? '', isPending: true },
    ],
  };
  const messages: { message: unknown; at: number }[] = [];

  /** Runs whatever there are messages for by now. */
  async function work(): Promise<void> {
    for (;;) {
      for (const { message, visibleAfterMs } of queue.take()) messages.push({ message, at: at + visibleAfterMs });
      const index = messages.findIndex((each) => each.at <= at);
      const [next] = index < 0 ? [] : messages.splice(index, 1);
      if (next === undefined) return;
      await runHunt(parts, Object(next.message));
    }
  }

  return {
    hunts,
    events,
    blobs,
    queue,
    work,
    runHunt: (message: HuntMessage) => runHunt(parts, message),
    due: () => runDueHunts({ hunts, tenants, queue, clock }, { info: () => {}, warn: () => {} }),
    pass: (ms: number) => {
      at += ms;
    },
    setValues(next: typeof values) {
      values = next;
    },
    setHandOn(next: typeof publishEvents) {
      publishEvents = next;
    },
    add: (changes: object = {}) =>
      hunts.add({ name: 'x', query: 'y', schedule: '0 */10 * * * *', tenantIds: ['*'], ...changes }),
  };
}

const rowsOf = ({ data }: TenantEvent): unknown[] => JSON.parse(data).results.map(({ Id }: { Id: unknown }) => Id);

describe('a saved hunt', () => {
  it('runs in every tenant that is served when it is due, not before, and missed runs are made up by one', async () => {
    const { add, due, work, pass, setValues, events, hunts } = createScene();
    const { id } = await add();
    setValues((tenantId) => [tenantId]);
    await due();
    await work();
    assert.deepEqual(events, []);
    pass(65 * minuteMs);
    await due();
    await due();
    await work();
    assert.deepEqual(events.map(({ tenantId }) => tenantId).sort(), [first, second]);
    assert.equal((await hunts.get(id))?.nextRunAt, Date.parse('2026-11-20T11:10:00Z'));
    assert.deepEqual(
      (await hunts.listRuns(id)).map(({ rows }) => rows),
      [1, 1],
    );
  });

  it('runs in the tenants that it is for', async () => {
    const { add, due, work, pass, setValues, events } = createScene();
    await add({ tenantIds: [second] });
    setValues(() => ['a']);
    pass(10 * minuteMs);
    await due();
    await work();
    assert.deepEqual(
      events.map(({ tenantId }) => tenantId),
      [second],
    );
  });

  it('tells of rows that were not found before, and of nothing when there are none', async () => {
    const { add, due, work, pass, setValues, events } = createScene();
    await add({ tenantIds: [first], onlyNew: 'Id' });
    for (const values of [['a', 'b'], ['b'], ['b', 'c', null], []]) {
      setValues(() => values);
      pass(10 * minuteMs);
      await due();
      await work();
    }
    assert.deepEqual(events.map(rowsOf), [
      ['a', 'b'],
      ['c', null],
    ]);
    pass(32 * 24 * 60 * minuteMs);
    setValues(() => ['a']);
    await due();
    await work();
    assert.deepEqual(events.slice(2).map(rowsOf), [['a']]);
  });

  it('says that its result has no column by which to tell rows apart', async () => {
    const { add, due, work, pass, hunts } = createScene();
    const { id } = await add({ onlyNew: 'Other' });
    pass(10 * minuteMs);
    await due();
    await work();
    assert.match((await hunts.listRuns(id))[0]?.error ?? '', /no column Other/);
  });

  it('runs again, and tells the same under the same version, when it was interrupted', async () => {
    const { add, due, work, pass, setValues, setHandOn, events, queue } = createScene();
    const { id } = await add({ tenantIds: [first], onlyNew: 'Id' });
    setValues(() => ['a']);
    const tried: string[] = [];
    setHandOn(async ([event]) => {
      tried.push(event?.version ?? '');
      throw new UpstreamError('No.', { service: 'storage', failure: 'connection' });
    });
    pass(10 * minuteMs);
    await due();
    await assert.rejects(work(), UpstreamError);
    setHandOn(async (group) => events.push(...group));
    await due();
    await work();
    assert.deepEqual(events, []);
    // The platform brings the message again before the claim has ended.
    await queue.send({ huntId: id, tenantId: first, dueAt: tried[0] });
    await work();
    assert.deepEqual(events, []);
    pass(6 * minuteMs);
    await work();
    assert.deepEqual(events.map(rowsOf), [['a']]);
    assert.deepEqual(
      events.map(({ version }) => version),
      tried,
    );
  });

  it('does not run for a message that comes after that of a later run', async () => {
    const { add, due, work, pass, setValues, events, queue } = createScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => ['a']);
    pass(20 * minuteMs);
    await due();
    await work();
    await queue.send({ huntId: id, tenantId: first, dueAt: '2026-11-20T10:00:00.000Z' });
    await work();
    assert.equal(events.length, 1);
  });

  it('that is removed leaves no runs, and does not come back when it is put off', async () => {
    const { add, due, work, pass, hunts } = createScene();
    const hunt = await add();
    pass(10 * minuteMs);
    await due();
    await work();
    assert.equal((await hunts.listRuns(hunt.id)).length, 2);
    await hunts.remove(hunt.id);
    await hunts.postpone(hunt);
    assert.deepEqual([await hunts.list(), await hunts.listRuns(hunt.id)], [[], []]);
  });

  it('waits for a tenant whose quota is used up', async () => {
    const { add, due, work, pass, setValues, events } = createScene();
    await add({ tenantIds: [first] });
    setValues((): unknown[] => {
      throw new RequestError(429, 'Throttled', 'No.', { headers: { 'retry-after': '90' } });
    });
    pass(10 * minuteMs);
    await due();
    await work();
    setValues(() => ['a']);
    pass(minuteMs);
    await work();
    assert.deepEqual(events, []);
    pass(minuteMs);
    await work();
    assert.deepEqual(events.map(rowsOf), [['a']]);
  });

  it('is given up for a tenant whose quota is used up for good, until it is due again', async () => {
    const { add, due, work, pass, setValues, hunts } = createScene();
    const { id } = await add({ tenantIds: [first], schedule: '0 0 12 * * *' });
    setValues((): unknown[] => {
      throw new RequestError(429, 'Throttled', 'No.', { headers: { 'retry-after': '60' } });
    });
    pass(2 * 60 * minuteMs);
    await due();
    for (let minutes = 0; minutes < 30; minutes++) {
      await work();
      pass(minuteMs);
    }
    assert.match((await hunts.listRuns(id))[0]?.error ?? '', /Throttled/);
  });

  it('that two begin at once is run by one, and the other has somebody look again', async () => {
    const { add, pass, setValues, events, queue, runHunt } = createScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => ['a']);
    pass(10 * minuteMs);
    const message = { huntId: id, tenantId: first, dueAt: '2026-11-20T10:10:00.000Z' };
    await Promise.all([runHunt(message), runHunt(message)]);
    assert.deepEqual([events.length, queue.take().length], [1, 1]);
  });
});

describe('a schedule', () => {
  it('that comes to no run is refused', () => {
    assert.throws(() => nextRun('0 0 0 31 2 *', 0), /no run/);
    assert.throws(() => nextRun('x', 0), /fields/);
  });
});
