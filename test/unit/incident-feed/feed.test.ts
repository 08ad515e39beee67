import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toTicks } from '../../../shared/defender/ticks.ts';
import { createFeedScene, largeText, minuteMs } from './feed-scene.ts';

describe('the incident feed', () => {
  it('records incidents from before the first listener, and publishes their next version as created', async () => {
    const { incidents, minute, pass, types, startInstance, now } = createFeedScene();
    incidents.create(1);
    pass(1);
    const since = now();
    const run = startInstance();
    await run(since);
    await minute();
    assert.deepEqual(types(), []);
    incidents.update(1);
    await minute();
    assert.deepEqual(types(), ['incident.created 1']);
  });

  it('publishes incidents from between the activating call and the first run', async () => {
    const { incidents, run, pass, types } = createFeedScene();
    pass(30_000);
    incidents.create(1);
    pass(20_000);
    await run();
    assert.deepEqual(types(), ['incident.created 1']);
  });

  it('publishes every version once: created first, updated from then on', async () => {
    const { incidents, minute, run, pass, types } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1);
    await minute(12);
    incidents.update(1);
    await minute(12);
    assert.deepEqual(types(), ['incident.created 1', 'incident.updated 1']);
  });

  for (const [order, total] of [
    ['created', 3_000],
    ['updated', 3_000],
    ['shuffled', 10_000],
  ] as const) {
    it(`reads ${total} incidents, 1,200 of them of one instant, listed as ${order}, within the service's limits`, async () => {
      const { incidents, minute, events, run, pass, now, calledAt } = createFeedScene(order);
      await run();
      pass(1);
      for (let id = 1; id <= total - 1_200; id++) {
        pass(20_000);
        incidents.create(id);
      }
      const at = toTicks(now());
      for (let id = 20_001; id <= 21_200; id++) incidents.create(id, { at });
      for (let minutes = 0; minutes < 30 && events.length < total; minutes++) await minute();
      assert.equal(new Set(events.map(({ incidentId }) => incidentId)).size, total);
      assert.equal(events.length, total);
      for (const [span, max] of [
        [minuteMs, 50],
        [60 * minuteMs, 1_500],
      ] as const) {
        for (const from of calledAt)
          assert.ok(calledAt.filter((each) => each >= from && each < from + span).length <= max);
      }
    });
  }

  it('makes one call a minute when nothing is new', async () => {
    const { incidents, minute, run, calledAt, pass } = createFeedScene();
    for (let id = 1; id < 50; id++) incidents.create(id);
    pass(1);
    await run();
    const before = calledAt.length;
    await minute(2);
    assert.equal(calledAt.length - before, 2);
  });

  it('continues after a pause shorter than the overlap as if it had never stopped', async () => {
    const { incidents, run, startInstance, pass, now, types } = createFeedScene();
    await run();
    pass(2 * minuteMs);
    incidents.create(1);
    pass(2 * minuteMs);
    await startInstance()(now());
    assert.deepEqual(types(), ['incident.created 1']);
  });

  it('records incidents that were updated while it had no listener as baseline', async () => {
    const { incidents, minute, run, startInstance, pass, now, types } = createFeedScene();
    await run();
    pass(minuteMs);
    incidents.create(1);
    pass(60 * minuteMs);
    const since = now();
    pass(30_000);
    incidents.create(2);
    const resumed = startInstance();
    await resumed(since);
    assert.deepEqual(types(), ['incident.created 2']);
    incidents.update(1);
    await minute();
    assert.deepEqual(types(), ['incident.created 2', 'incident.created 1']);
  });

  it('keeps incidents that are too large for a row, and only their latest version', async () => {
    const { incidents, minute, run, blobs, types, pass } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1, { title: largeText });
    await minute();
    assert.equal(blobs.names.length, 1);
    incidents.update(1, { title: largeText });
    await minute();
    assert.equal(blobs.names.length, 1);
    incidents.update(1);
    await minute();
    assert.deepEqual(blobs.names, []);
    assert.equal(types().length, 3);
  });
});
