import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { runPartitionOf } from '../../../shared/hunts/hunt-run.ts';
import { createHuntScene, first, minuteMs, pending, rowsOf, second } from './saved-hunt-scene.ts';

describe('saved hunt', () => {
  it('runs in every served tenant when it is due; one run makes up for those that were missed', async () => {
    const { add, enqueue, work, passAndRun, setValues, events, hunts, listRuns } = createHuntScene();
    const { id } = await add();
    setValues((tenantId) => [tenantId]);
    await enqueue();
    await work();
    assert.deepEqual(events, []);
    await passAndRun(65 * minuteMs);
    await enqueue();
    await work();
    assert.deepEqual(events.map(({ tenantId }) => tenantId).sort(), [first, second]);
    assert.equal((await hunts.get(id))?.nextRunAt, Date.parse('2026-11-20T11:10:00Z'));
    assert.deepEqual(
      (await listRuns(id)).map(({ rows }) => rows),
      [1, 1],
    );
  });

  it('resolves * at each run', async () => {
    const { add, passAndRun, setValues, events, served } = createHuntScene();
    await add();
    setValues(() => ['a']);
    served.delete(first);
    served.set(pending, { tenantId: pending, isPending: false });
    await passAndRun(10 * minuteMs);
    assert.deepEqual(events.map(({ tenantId }) => tenantId).sort(), [second, pending]);
  });

  it('runs in the tenants that it names', async () => {
    const { add, passAndRun, setValues, events } = createHuntScene();
    await add({ tenantIds: [second] });
    setValues(() => ['a']);
    await passAndRun(10 * minuteMs);
    assert.deepEqual(
      events.map(({ tenantId }) => tenantId),
      [second],
    );
  });

  for (const [what, change] of [
    ['offboarded', undefined],
    ['pending', { tenantId: first, isPending: true }],
  ] as const) {
    it(`does not run in a tenant that is ${what} by then`, async () => {
      const { add, clock, enqueue, work, setValues, events, served, listRuns } = createHuntScene();
      const { id } = await add({ tenantIds: [first] });
      setValues(() => ['a']);
      await clock.advance(10 * minuteMs);
      await enqueue();
      served.delete(first);
      if (change !== undefined) served.set(first, change);
      await work();
      assert.deepEqual(events, []);
      assert.match((await listRuns(id))[0]?.error ?? '', /^TenantNotAllowed|^ConsentRequired/);
    });
  }

  it('does not run when the grant of its owner is revoked, before or after it is enqueued', async () => {
    const { add, clock, enqueue, work, passAndRun, setValues, events, grants, listRuns } = createHuntScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => ['a']);
    await clock.advance(10 * minuteMs);
    await enqueue();
    grants.isRevoked = true;
    await work();
    assert.match((await listRuns(id))[0]?.error ?? '', /^TenantNotAllowed/);
    await passAndRun(10 * minuteMs);
    assert.deepEqual(events, []);
    grants.isRevoked = false;
    await passAndRun(10 * minuteMs);
    assert.equal(events.length, 1);
  });

  it('does not run for the message of an earlier run', async () => {
    const { add, passAndRun, work, setValues, events, queue } = createHuntScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => ['a']);
    await passAndRun(20 * minuteMs);
    await queue.send({ huntId: id, tenantId: first, dueAt: '2026-11-20T10:00:00.000Z' });
    await work();
    assert.equal(events.length, 1);
  });

  it('is enqueued when another hunt cannot be', async () => {
    const { add, passAndRun, clock, work, setValues, events, queue } = createHuntScene();
    setValues(() => ['a']);
    const { id } = await add({ tenantIds: [first] });
    await clock.advance(1);
    await add({ tenantIds: [second] });
    queue.injectFault({ when: 'before', key: new RegExp(id) });
    await assert.rejects(passAndRun(10 * minuteMs), UpstreamError);
    await work();
    assert.deepEqual(
      events.map(({ tenantId }) => tenantId),
      [second],
    );
    await passAndRun(5 * minuteMs);
    assert.deepEqual(
      events.map(({ tenantId }) => tenantId),
      [second, first],
    );
  });

  it('runs again after a bug, and shows it', async () => {
    const { add, passAndRun, work, queue, setValues, events, listRuns } = createHuntScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => {
      throw new TypeError('A bug');
    });
    await assert.rejects(passAndRun(10 * minuteMs), TypeError);
    assert.equal((await listRuns(id))[0]?.error, 'InternalError');
    setValues(() => ['a']);
    await queue.send({ huntId: id, tenantId: first, dueAt: '2026-11-20T10:10:00.000Z' });
    await work();
    assert.equal(events.length, 1);
    assert.equal((await listRuns(id))[0]?.error, undefined);
  });

  it('leaves no runs when it is removed, and is not restored when it is postponed', async () => {
    const { add, passAndRun, hunts, listRuns } = createHuntScene();
    const hunt = await add();
    await passAndRun(10 * minuteMs);
    assert.equal((await listRuns(hunt.id)).length, 2);
    await hunts.remove(hunt.id);
    await hunts.postpone(hunt);
    assert.deepEqual([(await hunts.listPage(10)).hunts, await listRuns(hunt.id)], [[], []]);
  });

  it('leaves no row when it is removed while its message waits', async () => {
    const { add, clock, enqueue, work, hunts, table } = createHuntScene();
    const { id } = await add();
    await clock.advance(10 * minuteMs);
    await enqueue();
    await hunts.remove(id);
    await work();
    assert.deepEqual(await table.list(runPartitionOf(id)), []);
  });

  it('leaves no row when it is removed while it runs', async () => {
    const { add, passAndRun, hunts, table, setValues } = createHuntScene();
    const { id } = await add();
    setValues(async () => {
      await hunts.remove(id);
      return [];
    });
    await passAndRun(10 * minuteMs);
    assert.deepEqual(await table.list(runPartitionOf(id)), []);
  });
});

describe('saved hunt with a large result', () => {
  it('publishes rows in chunks, never as one string', async () => {
    const { add, passAndRun, setValues, events } = createHuntScene();
    await add({ tenantIds: [first] });
    const values = Array.from({ length: 3_000 }, (_, index) => `${index}`.padEnd(1_000, 'x'));
    setValues(() => values);
    await passAndRun(10 * minuteMs);
    const [event] = events;
    assert.ok(event !== undefined && typeof event.data === 'function');
    assert.ok([...event.data()].every((chunk) => chunk.length < 100_000));
    assert.deepEqual(rowsOf(event), values);
    assert.deepEqual(rowsOf(event), values, 'a second subscription reads the same rows');
  });
});
