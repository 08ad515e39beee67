import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renewWhile } from '../../../shared/storage/renew-while.ts';
import { createFakeClock } from '../fake-clock.ts';

function createScene(commit: () => Promise<void> = async () => {}) {
  const clock = createFakeClock();
  let renewals = 0;
  const lease = {
    async commit() {
      renewals++;
      await commit();
    },
  };
  return { clock, lease, renewals: () => renewals };
}

describe('lease renewal', () => {
  it('continues while the action runs, and no longer', async () => {
    const { clock, lease, renewals } = createScene();
    const { promise, resolve } = Promise.withResolvers<string>();
    const result = renewWhile(lease, clock, 10_000, () => promise);
    await clock.advance(35_000);
    assert.equal(renewals(), 3);
    resolve('done');
    assert.equal(await result, 'done');
    await clock.advance(60_000);
    assert.equal(renewals(), 3);
    assert.deepEqual(clock.pendingMs(), []);
  });

  it('stops when one fails, and leaves the action alone', async () => {
    const { clock, lease, renewals } = createScene(() => Promise.reject(new Error('lost')));
    const { promise, resolve } = Promise.withResolvers<string>();
    const result = renewWhile(lease, clock, 10_000, () => promise);
    await clock.advance(60_000);
    assert.equal(renewals(), 1);
    resolve('done');
    assert.equal(await result, 'done');
  });

  it('stops when the action fails', async () => {
    const { clock, lease } = createScene();
    await assert.rejects(
      renewWhile(lease, clock, 10_000, () => Promise.reject(new Error('No.'))),
      /No\./,
    );
    assert.deepEqual(clock.pendingMs(), []);
  });
});
