import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
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

  it('does not run for the message of an earlier run', async () => {
    const { add, passAndRun, work, setValues, events, queue } = createHuntScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => ['a']);
    await passAndRun(20 * minuteMs);
    await queue.send({ huntId: id, tenantId: first, dueAt: '2026-11-20T10:00:00.000Z' });
    await work();
    assert.equal(events.length, 1);
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
    assert.ok([...event.data()].every((chunk) => chunk.length < 2_000));
    assert.deepEqual(rowsOf(event), values);
    assert.deepEqual(rowsOf(event), values, 'a second subscription reads the same rows');
  });
});

describe('saved hunt that Defender throttles', () => {
  const throttle = (seconds: number) => () => {
    throw new RequestError(429, 'Throttled', 'No.', { headers: { 'retry-after': String(seconds) } });
  };

  it('runs again after Retry-After', async () => {
    const { add, passAndRun, work, clock, setValues, events } = createHuntScene();
    await add({ tenantIds: [first] });
    setValues(throttle(90));
    await passAndRun(10 * minuteMs);
    setValues(() => ['a']);
    await clock.advance(minuteMs);
    await work();
    assert.deepEqual(events, []);
    await clock.advance(minuteMs);
    await work();
    assert.deepEqual(events.map(rowsOf), [['a']]);
  });

  it('fails after 20 attempts', async () => {
    const { add, enqueue, work, clock, setValues, listRuns } = createHuntScene();
    const { id } = await add({ tenantIds: [first], schedule: '0 0 12 * * *' });
    setValues(throttle(60));
    await clock.advance(2 * 60 * minuteMs);
    await enqueue();
    for (let minutes = 0; minutes < 30; minutes++) {
      await work();
      await clock.advance(minuteMs);
    }
    assert.match((await listRuns(id))[0]?.error ?? '', /Throttled/);
  });
});

describe('saved hunt whose run is interrupted', () => {
  it('publishes the same rows under the same version', async () => {
    const { add, passAndRun, work, clock, setValues, setPublish, events, queue } = createHuntScene();
    const { id } = await add({ tenantIds: [first], onlyNew: 'Id' });
    setValues(() => ['a']);
    const versions: string[] = [];
    setPublish(async ([event]) => {
      versions.push(event?.version ?? '');
      throw new UpstreamError('No.', { service: 'storage', failure: 'connection' });
    });
    await assert.rejects(passAndRun(10 * minuteMs), UpstreamError);
    setPublish(async (group) => events.push(...group));
    // The platform delivers the message again.
    await queue.send({ huntId: id, tenantId: first, dueAt: versions[0] });
    await clock.advance(30_000);
    await work();
    assert.deepEqual(events.map(rowsOf), [['a']]);
    assert.deepEqual(
      events.map(({ version }) => version),
      versions,
    );
  });

  it('runs on one instance only when two get its message, and is checked on later', async () => {
    const { add, clock, setValues, events, queue, run } = createHuntScene();
    const { id } = await add({ tenantIds: [first] });
    setValues(() => ['a']);
    await clock.advance(10 * minuteMs);
    const message = { huntId: id, tenantId: first, dueAt: '2026-11-20T10:10:00.000Z' };
    await Promise.all([run(message), run(message)]);
    const [check, ...others] = queue.take();
    assert.deepEqual([events.length, others.length], [1, 0]);
    assert.ok(check !== undefined && check.visibleAfterMs <= 30_000);
  });

  it('keeps its lease while Defender takes three minutes', async () => {
    const { add, clock, setValues, events, run } = createHuntScene();
    const { id } = await add({ tenantIds: [first] });
    const { promise, resolve } = Promise.withResolvers<string[]>();
    setValues(() => promise);
    await clock.advance(10 * minuteMs);
    const message = { huntId: id, tenantId: first, dueAt: '2026-11-20T10:10:00.000Z' };
    const running = run(message);
    await clock.advance(3 * minuteMs);
    setValues(() => ['by another instance']);
    await run(message);
    assert.deepEqual(events, []);
    resolve(['a']);
    await running;
    assert.deepEqual(events.map(rowsOf), [['a']]);
  });

  for (const method of ['insert', 'transact'] as const) {
    it(`publishes once when the response to ${method} is lost`, async () => {
      const { add, passAndRun, table, setValues, events, listRuns } = createHuntScene();
      const { id } = await add({ tenantIds: [first] });
      setValues(() => ['a']);
      table.injectFault({ when: 'after', method, key: /^runs/ });
      await passAndRun(10 * minuteMs);
      assert.equal(events.length, 1);
      assert.equal((await listRuns(id))[0]?.rows, 1);
    });
  }
});
