import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeaseLostError } from '../../../shared/storage/lease.ts';
import { createLeaseScene, durationMs, increment, insert, remove, startedAt } from './lease-scene.ts';

describe('a lease', () => {
  it('has one owner at a time', async () => {
    const { acquire, attempt } = createLeaseScene();
    const lease = await acquire();
    assert.equal((await attempt()).kind, 'taken');
    assert.equal(await lease.release(), true);
    assert.equal((await attempt()).kind, 'acquired');
  });

  it('stores what begin returns, and reports the state before', async () => {
    const { acquire, attempt, readCount } = createLeaseScene();
    await (await acquire({ begin: increment })).release();
    const second = await attempt({ begin: increment });
    assert.ok(second.kind === 'acquired');
    assert.deepEqual([second.previous, second.lease.state, await readCount()], [{ count: 1 }, { count: 2 }, 2]);
  });

  it('declines, and writes nothing, when begin returns nothing', async () => {
    const { attempt, table } = createLeaseScene();
    assert.deepEqual(await attempt({ begin: () => undefined }), { kind: 'declined', state: { count: 0 } });
    assert.equal(await table.get('tenant', 'lease'), undefined);
  });

  it('commits changes and state together, also those of concurrent commits', async () => {
    const { acquire, table, readCount } = createLeaseScene();
    const lease = await acquire();
    const keys = Array.from({ length: 230 }, (_, index) => `row${index}`);
    await Promise.all(keys.map((key) => lease.commit([insert(key)], increment)));
    assert.equal(await readCount(), 230);
    assert.equal((await table.list('tenant', { from: 'row' })).length, 230);
  });

  it('commits the deletion of a row that is gone, with everything beside it', async () => {
    const { acquire, table, readCount } = createLeaseScene();
    const lease = await acquire();
    await lease.commit([remove('gone'), insert('new')], increment);
    assert.equal(await readCount(), 1);
    assert.ok(await table.get('tenant', 'new'));
  });

  it('rejects a commit when another instance has changed a row that it protects', async () => {
    const { acquire, table } = createLeaseScene();
    const lease = await acquire();
    await table.insert({ partitionKey: 'tenant', rowKey: 'version' });
    await assert.rejects(lease.commit([insert('version')]), LeaseLostError);
  });

  it('lets another instance take over at once when it is abandoned', async () => {
    const { acquire, attempt } = createLeaseScene();
    await (await acquire()).abandon(increment);
    const next = await attempt();
    assert.ok(next.kind === 'acquired');
    assert.deepEqual([next.isTakeover, next.previous], [true, { count: 1 }]);
  });

  it('rejects a commit when its row is removed', async () => {
    const { acquire, table } = createLeaseScene();
    const lease = await acquire();
    await table.delete('tenant', 'lease');
    await assert.rejects(lease.commit(), LeaseLostError);
    assert.equal(await table.get('tenant', 'lease'), undefined);
  });
});

describe('an owner that was taken over', () => {
  it('cannot commit or release', async () => {
    const { acquire, pass, table, readCount } = createLeaseScene();
    const lost = await acquire();
    pass(durationMs);
    const lease = await acquire();
    await assert.rejects(lost.commit([insert('row')], increment), LeaseLostError);
    await assert.rejects(lost.release(increment), LeaseLostError);
    await lease.commit([], increment);
    assert.equal(await table.get('tenant', 'row'), undefined);
    assert.equal(await readCount(), 1);
  });

  it('keeps the lease while it commits', async () => {
    const { acquire, pass, attempt } = createLeaseScene();
    const lease = await acquire();
    for (let count = 0; count < 5; count++) {
      pass(durationMs - 1);
      await lease.commit();
    }
    assert.equal((await attempt()).kind, 'taken');
  });
});

describe('a caller that finds the lease taken', () => {
  it('makes the owner run again, once', async () => {
    const { acquire, attempt } = createLeaseScene();
    const lease = await acquire();
    assert.equal((await attempt({ flagsOwner: true })).kind, 'taken');
    assert.equal((await attempt({ flagsOwner: true })).kind, 'taken');
    await lease.commit();
    assert.equal(await lease.release(), false);
    assert.equal(await lease.release(), true);
  });
});

describe('clocks that differ by two minutes', () => {
  const skewMs = 120_000;

  it('let an instance that is ahead take over early, and fence the other off', async () => {
    const { acquire } = createLeaseScene();
    const behind = await acquire();
    await acquire({}, skewMs);
    await assert.rejects(behind.commit(), LeaseLostError);
  });

  it('delay the takeover from a crashed instance that was ahead by the difference', async () => {
    const { acquire, attempt, pass } = createLeaseScene();
    await acquire({}, skewMs);
    pass(durationMs + skewMs - 1);
    assert.equal((await attempt()).kind, 'taken');
    pass(1);
    assert.equal((await attempt()).kind, 'acquired');
  });

  it('do not make a lease of the year 2043 last until then', async () => {
    const { acquire, attempt } = createLeaseScene();
    await acquire({}, Date.parse('2043-01-01T00:00:00Z') - startedAt);
    assert.equal((await attempt()).kind, 'acquired');
  });
});
