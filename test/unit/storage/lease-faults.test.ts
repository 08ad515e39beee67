import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Lease } from '../../../shared/storage/lease.ts';
import type { Fault } from './faults.ts';
import { type Counter, createLeaseScene, increment, insert } from './lease-scene.ts';

describe('a lost response', () => {
  for (const method of ['insert', 'replace'] as const)
    it(`to the ${method} of an acquisition leaves the lease with its owner`, async () => {
      const { acquire, table, readCount } = createLeaseScene();
      if (method === 'replace') await (await acquire()).release();
      table.injectFault({ when: 'after', method });
      await acquire({ begin: increment });
      assert.equal(await readCount(), 1);
    });

  it('to a commit does not repeat it', async () => {
    const { acquire, table, readCount } = createLeaseScene();
    const lease = await acquire();
    table.injectFault({ when: 'after', method: 'transact' });
    await lease.commit([insert('row')], increment);
    await lease.commit([], increment);
    assert.equal(await readCount(), 2);
  });

  it('to a release counts as released', async () => {
    const { acquire, attempt, table } = createLeaseScene();
    const lease = await acquire();
    table.injectFault({ when: 'after', method: 'transact' });
    assert.equal(await lease.release(), true);
    assert.equal((await attempt()).kind, 'acquired');
  });

  it('to the flag of another caller leaves it flagged', async () => {
    const { acquire, attempt, table } = createLeaseScene();
    const lease = await acquire();
    table.injectFault({ when: 'after', method: 'replace' });
    assert.equal((await attempt({ flagsOwner: true })).kind, 'taken');
    assert.equal(await lease.release(), false);
  });

  it('is a failure when it comes three times', async () => {
    const { acquire, table } = createLeaseScene();
    const lease = await acquire();
    table.injectFault({ when: 'before', method: 'transact', times: 3 });
    await assert.rejects(lease.commit(), { name: 'UpstreamError' });
  });
});

interface Step {
  owner: number;
  action: string;
  fault: Fault<'insert' | 'replace' | 'transact'> | null;
}

describe('two owners with skewed clocks and lost responses', () => {
  const step = fc.record({
    owner: fc.constantFrom(0, 1),
    action: fc.constantFrom('acquire', 'commit', 'commit', 'release', 'pass'),
    fault: fc.option(
      fc.record({
        when: fc.constantFrom('before' as const, 'after' as const),
        method: fc.constantFrom('insert' as const, 'replace' as const, 'transact' as const),
      }),
    ),
  });

  it('count each commit that succeeds once, and none that fails', async () => {
    const skew = fc.constantFrom(0, -120_000, 120_000);
    const check = async (steps: Step[], skewMs: number) => {
      const { attempt, table, readCount, pass } = createLeaseScene();
      const leases: (Lease<Counter> | undefined)[] = [];
      let committed = 0;
      let attempts = 0;
      for (const { owner, action, fault } of steps) {
        if (fault !== null) table.injectFault(fault);
        if (action === 'pass') pass(25_000);
        else if (leases[owner] === undefined) {
          const outcome = await attempt({ flagsOwner: true }, owner * skewMs);
          if (outcome.kind === 'acquired') leases[owner] = outcome.lease;
        } else if (action === 'commit') {
          await leases[owner].commit([insert(`row${attempts++}`)], increment).then(
            () => committed++,
            () => delete leases[owner],
          );
        } else if (await leases[owner].release().catch(() => true)) delete leases[owner];
      }
      assert.equal((await readCount()) || 0, committed);
      assert.equal((await table.list('tenant', { from: 'row' })).length, committed);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), skew, check), { numRuns: 500 });
  });
});
