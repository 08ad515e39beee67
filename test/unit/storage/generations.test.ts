import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../../shared/clock.ts';
import { createGenerations } from '../../../shared/storage/generations.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from './fake-table.ts';

const secondMs = 1_000;

/** Two instances on one table, the clock of the second one two minutes behind. */
function createScene() {
  const clock = createFakeClock();
  const table = createFakeTable();
  const late: Clock = { ...clock, now: () => clock.now() - 120 * secondMs };
  const createInstance = (own: Clock = clock) => createGenerations(() => table, own);
  return { clock, table, createInstance, first: createInstance(), second: createInstance(late) };
}

describe('a generation', () => {
  it('reaches another instance within a minute, however the calls there are spaced', async () => {
    for (const pauseSeconds of [1, 7, 29, 31, 45, 59]) {
      const { clock, first, second } = createScene();
      const before = await second.get('credentials');
      await first.raise('credentials');
      for (let passed = 0; passed + pauseSeconds < 60; passed += pauseSeconds) {
        await clock.advance(pauseSeconds * secondMs);
        await second.get('credentials');
      }
      await clock.advance(secondMs);
      assert.notEqual(await second.get('credentials'), before, `${pauseSeconds} s`);
    }
  });

  it('reaches an instance that was idle with its first call', async () => {
    const { clock, first, second } = createScene();
    const before = await second.get('tenants');
    await clock.advance(600 * secondMs);
    await first.raise('tenants');
    assert.notEqual(await second.get('tenants'), before);
  });

  it('is known at once where it was raised, even if the storage fails', async () => {
    const { table, first } = createScene();
    const before = await first.get('grants');
    table.setDown(true);
    await assert.rejects(first.raise('grants'), { message: 'The storage is down.' });
    assert.notEqual(await first.get('grants'), before);
  });

  it('stays what it is for other topics', async () => {
    const { clock, first, second } = createScene();
    const before = await second.get('grants');
    await first.raise('tenants');
    await clock.advance(60 * secondMs);
    assert.equal(await second.get('grants'), before);
  });

  it('costs one read in half a minute', async () => {
    const { clock, table, first } = createScene();
    for (let seconds = 0; seconds < 60; seconds++) {
      await first.get('credentials');
      await clock.advance(secondMs);
    }
    assert.equal(table.calls(), 1);
  });

  it('does not change on a new instance for generations raised long before', async () => {
    const { clock, first, createInstance } = createScene();
    await first.raise('credentials');
    await clock.advance(600 * secondMs);
    const fresh = createInstance();
    const before = await fresh.get('credentials');
    await clock.advance(60 * secondMs);
    assert.equal(await fresh.get('credentials'), before);
  });

  it('changes on a new instance for generations raised shortly before its start', async () => {
    const { clock, first, createInstance } = createScene();
    await first.raise('credentials');
    const fresh = createInstance();
    const before = await fresh.get('credentials');
    await clock.advance(60 * secondMs);
    assert.notEqual(await fresh.get('credentials'), before);
  });

  it('holds while the storage fails, without holding up calls', async () => {
    const { clock, table, first } = createScene();
    const before = await first.get('tenants');
    table.setDown(true);
    await clock.advance(600 * secondMs);
    assert.equal(await first.get('tenants'), before);
    assert.equal(await first.get('tenants'), before);
    assert.equal(table.calls(), 1);
  });

  it('delays one call by two seconds while the storage does not answer, and no other', async () => {
    const { clock, createInstance } = createScene();
    const hanging = createGenerations(() => ({ ...createFakeTable(), list: () => new Promise(() => {}) }), clock);
    await clock.advance(600 * secondMs);
    const startedAt = clock.now();
    await clock.runUntil(hanging.get('tenants'));
    assert.equal(clock.now() - startedAt, 2 * secondMs);
    await hanging.get('tenants');
    assert.equal(clock.now() - startedAt, 2 * secondMs);
    assert.equal(await createInstance().get('tenants'), '');
  });

  it('works without storage, within the instance', async () => {
    const alone = createGenerations(() => undefined, createFakeClock());
    const before = await alone.get('credentials');
    await alone.raise('credentials');
    assert.notEqual(await alone.get('credentials'), before);
  });
});
