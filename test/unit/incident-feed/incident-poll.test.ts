import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { largeText } from './feed-scene.ts';
import { both, created, createPollScene } from './poll-scene.ts';

describe('polling for incidents', () => {
  it('starts now: earlier incidents are not new, and their next version is created', async () => {
    const { incidents, start, minute, poll, given, pass } = createPollScene(created);
    incidents.create(1);
    pass(1);
    await start();
    await minute();
    await poll();
    assert.deepEqual(given, []);
    incidents.update(1);
    await minute();
    await poll();
    assert.equal(given.length, 1);
  });

  it('returns an incident once, and once more when it was updated', async () => {
    const { incidents, start, minute, poll, given } = createPollScene(both);
    await start();
    incidents.create(1);
    for (let minutes = 0; minutes < 15; minutes++) {
      await minute();
      await poll();
    }
    assert.equal(given.length, 1);
    incidents.update(1);
    await minute();
    await poll();
    await poll();
    assert.equal(given.length, 2);
  });

  it('makes no call of Defender', async () => {
    const { incidents, start, minute, poll, calledAt } = createPollScene(both);
    await start();
    incidents.create(1);
    await minute();
    const before = calledAt.length;
    await poll();
    assert.equal(calledAt.length, before);
  });

  it('returns creations only, or updates only, as requested', async () => {
    for (const [request, expected] of [
      [created, ['1', '0']],
      [{ events: ['incident.updated'] as const }, ['1', '0']],
    ] as const) {
      const { incidents, start, minute, poll, given } = createPollScene(request);
      incidents.create(0);
      await minute(60);
      await start();
      incidents.create(1);
      await minute();
      await poll();
      for (const id of [1, 0, 0]) {
        incidents.update(id);
        await minute();
        await poll();
      }
      assert.deepEqual(
        given.map((each) => each.split('@')[0]),
        expected,
      );
    }
  });

  it('returns an incident as created when it first matches the filters, and as updated when it matches again', async () => {
    for (const [events, expected] of [
      [['incident.created'], [2]],
      [['incident.updated'], [4]],
    ] as const) {
      const { incidents, start, minute, poll, versionsOf } = createPollScene({ events, minimumSeverity: 'High' });
      await start();
      incidents.create(1, { severity: 'Medium' });
      for (const severity of ['High', 'Low', 'High']) {
        await minute();
        await poll();
        incidents.update(1, { severity });
      }
      await minute();
      await poll();
      assert.deepEqual(versionsOf(1), expected);
    }
  });

  it('counts an incident that was created and updated between two polls as created', async () => {
    const { incidents, start, minute, poll, given } = createPollScene(created);
    await start();
    incidents.create(1);
    await minute();
    incidents.update(1);
    await minute();
    await poll();
    incidents.update(1);
    await minute();
    await poll();
    assert.equal(given.length, 1);
  });

  it('returns at most 1,000 incidents, and says that there are more', async () => {
    const { incidents, start, minute, poll, pass, given, stateLength } = createPollScene(both);
    await start();
    for (let id = 1; id <= 2_300; id++) {
      pass(10);
      incidents.create(id);
    }
    await minute(6);
    assert.equal(await poll(), 3);
    assert.equal(new Set(given).size, 2_300);
    assert.ok(stateLength() < 200, `${stateLength()} characters`);
  });

  it('returns at most 30 million characters', async () => {
    const { incidents, start, minute, poll, given } = createPollScene(both);
    await start();
    for (let id = 1; id <= 4; id++) incidents.create(id, { title: 'x'.repeat(12_000_000) });
    await minute();
    assert.equal(await poll(), 2);
    assert.equal(given.length, 4);
  });

  it('skips a version whose body is gone, and returns the others', async () => {
    const { incidents, start, minute, poll, given, blobs, warnings } = createPollScene(created);
    await start();
    incidents.create(1, { title: largeText });
    incidents.create(2);
    await minute();
    for (const name of blobs.names) await blobs.delete(name);
    await poll();
    assert.deepEqual([given.length, warnings.length], [1, 1]);
  });
});
