import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { minuteMs } from './feed-scene.ts';
import { created, createPollScene, dayMs } from './poll-scene.ts';

describe('the lifetime of a poll', () => {
  it('resumes a feed that had stopped where it had come to', async () => {
    const { incidents, start, minute, poll, pass, given, calledAt } = createPollScene(created);
    await start();
    await minute();
    pass(31 * dayMs);
    const before = calledAt.length;
    await minute();
    assert.equal(calledAt.length, before);
    incidents.create(1);
    pass(40 * dayMs);
    await poll();
    await minute(2);
    await poll();
    assert.equal(given.length, 1);
  });

  it('keeps the feed running for 30 days after the last poll', async () => {
    const { start, minute, pass, calledAt } = createPollScene(created);
    await start();
    pass(29 * dayMs);
    await minute();
    assert.ok(calledAt.length > 0);
  });

  it('starts over with a state of more than 180 days, or of another storage account', async () => {
    for (const change of ['age', 'log'] as const) {
      const { incidents, start, minute, poll, pass, given, spoil } = createPollScene(created);
      await start();
      incidents.create(1);
      await minute();
      if (change === 'age') pass(181 * dayMs);
      else await spoil();
      await poll();
      assert.deepEqual(given, []);
      incidents.create(2);
      await minute();
      await poll();
      assert.equal(given.length, 1);
    }
  });

  it('starts now where another listener keeps the feed running', async () => {
    const { incidents, start, minute, poll, given, pass } = createPollScene(created);
    await start();
    incidents.create(1);
    await minute();
    incidents.create(2);
    pass(3 * minuteMs);
    await start();
    await minute();
    await poll();
    assert.deepEqual(given, []);
    incidents.update(2);
    incidents.update(1);
    await minute();
    await poll();
    assert.equal(given.length, 2);
  });

  it('returns what was created right after it started on an instance whose clock is ahead', async () => {
    const { incidents, start, minute, poll, given } = createPollScene(created, 2 * minuteMs);
    await minute();
    await start();
    incidents.create(1);
    await minute();
    await poll();
    assert.equal(given.length, 1);
  });
});
