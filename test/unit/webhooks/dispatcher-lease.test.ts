import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acquireDispatcherLease } from '../../../shared/webhooks/dispatcher-lease.ts';
import { createFakeTable } from '../storage/fake-table.ts';

function createScene() {
  let at = Date.parse('2026-11-20T10:00:00Z');
  const clock = { now: () => at, startTimer: () => () => {} };
  const table = createFakeTable();
  return {
    acquire: () => acquireDispatcherLease(table, clock, 'one'),
    pass: (ms: number) => {
      at += ms;
    },
  };
}

describe('the lease of a subscriber', () => {
  it('is had by one at a time', async () => {
    const { acquire } = createScene();
    const lease = await acquire();
    assert.ok(lease);
    assert.equal(await acquire(), undefined);
    await lease.release();
    await lease.release();
    assert.ok(await acquire());
  });

  it('is not given back by one to whom somebody came after the last look', async () => {
    const { acquire } = createScene();
    const lease = await acquire();
    assert.ok(lease);
    assert.equal(await acquire(), undefined);
    assert.equal(await lease.release(), false);
    assert.equal(await lease.release(), true);
  });

  it('is had by the next when the one who had it is gone, and then lost to that one', async () => {
    const { acquire, pass } = createScene();
    const lost = await acquire();
    assert.ok(lost);
    pass(60_000);
    const lease = await acquire();
    assert.ok(lease);
    await assert.rejects(lost.commit([]), { name: 'LeaseLostError' });
    await assert.rejects(lost.release(), { name: 'LeaseLostError' });
    assert.equal(await lease.release(), true);
  });
});
