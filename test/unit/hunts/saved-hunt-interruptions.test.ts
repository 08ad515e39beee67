import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { createHuntScene, first, minuteMs, rowsOf } from './saved-hunt-scene.ts';

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
