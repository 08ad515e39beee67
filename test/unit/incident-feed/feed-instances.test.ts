import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createFeedScene, minuteMs } from './feed-scene.ts';

describe('the incident feed on several instances', () => {
  it('ends at once while another instance runs it', async () => {
    const { incidents, minute, run, names, pass, calledAt, setAnswer, warnings } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1);
    const before = calledAt.length;
    let second = Promise.resolve();
    setAnswer(() => {
      setAnswer(() => {});
      second = run();
    });
    await minute();
    await second;
    assert.deepEqual([calledAt.length - before, names().length, warnings], [1, 1, []]);
  });

  it('runs on one of two instances that start together', async () => {
    const { incidents, run, names, pass } = createFeedScene();
    await run();
    pass(minuteMs);
    for (let id = 1; id <= 30; id++) incidents.create(id);
    pass(1);
    await Promise.all([run(), run()]);
    pass(2 * minuteMs);
    await Promise.all([run(), run()]);
    assert.equal(names().length, 30);
    assert.equal(new Set(names()).size, 30);
  });

  it('publishes what a crashed run has only recorded', async () => {
    const { incidents, minute, run, names, pass, setPublishing } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1);
    setPublishing(false);
    await assert.rejects(minute());
    assert.deepEqual(names(), []);
    setPublishing(true);
    await minute();
    assert.equal(names().length, 1);
  });

  it('still reads what an outage has left when the next run crashes', async () => {
    const { incidents, minute, run, names, pass, setAnswer, table } = createFeedScene();
    await run();
    pass(1);
    incidents.create(1);
    setAnswer(() => {
      throw new UpstreamError('No.', { service: 'defender', failure: 'refused', status: 503 });
    });
    await minute(30);
    // The storage fails from the first call on: not even the lease is released.
    setAnswer(() => table.setDown(true));
    await assert.rejects(minute());
    setAnswer(() => {});
    table.setDown(false);
    await minute(5);
    assert.equal(names().length, 1);
  });
});
