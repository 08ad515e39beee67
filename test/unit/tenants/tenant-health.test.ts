import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTenantHealthStore } from '../../../shared/tenants/tenant-health.ts';
import { complete, createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const tenantId = 't1';
const minuteMs = 60_000;

function createScene(table = createFakeTable()) {
  const clock = createFakeClock();
  const tenantHealth = createTenantHealthStore(() => table, clock);
  /** As another instance reads it. */
  const stored = async () => (await createTenantHealthStore(() => table, clock).read()).get(tenantId);
  return { clock, table, tenantHealth, stored, known: async () => (await tenantHealth.read()).get(tenantId) };
}

describe('tenant health', () => {
  it('survives restarts', async () => {
    const { clock, tenantHealth, stored } = createScene();
    tenantHealth.record({ kind: 'succeeded', tenantId });
    await complete();
    assert.deepEqual(await stored(), {
      isRevoked: false,
      lastSuccessAt: clock.now(),
      lastErrorAt: undefined,
      lastErrorCode: undefined,
    });
  });

  it('is revoked from the first refusal until a call succeeds', async () => {
    const { clock, tenantHealth, stored } = createScene();
    tenantHealth.record({ kind: 'succeeded', tenantId });
    await clock.advance(minuteMs);
    tenantHealth.record({ kind: 'revoked', tenantId, code: 'AADSTS7000229' });
    await complete();
    assert.partialDeepStrictEqual(await stored(), { isRevoked: true, lastErrorCode: 'AADSTS7000229' });
    await clock.advance(minuteMs);
    tenantHealth.record({ kind: 'succeeded', tenantId });
    await complete();
    assert.partialDeepStrictEqual(await stored(), { isRevoked: false, lastErrorCode: 'AADSTS7000229' });
  });

  it('is not revoked by an outage', async () => {
    const { tenantHealth, stored } = createScene();
    tenantHealth.record({ kind: 'failed', tenantId, code: 'AADSTS90033' });
    await complete();
    assert.partialDeepStrictEqual(await stored(), { isRevoked: false, lastErrorCode: 'AADSTS90033' });
  });

  it('is written when it changes, otherwise every hour', async () => {
    const { clock, table, tenantHealth } = createScene();
    tenantHealth.record({ kind: 'succeeded', tenantId });
    await complete();
    const before = table.calls();
    for (let minute = 0; minute < 59; minute++) {
      await clock.advance(minuteMs);
      tenantHealth.record({ kind: 'succeeded', tenantId });
      await complete();
    }
    assert.equal(table.calls(), before);
    await clock.advance(minuteMs);
    tenantHealth.record({ kind: 'succeeded', tenantId });
    await complete();
    assert.equal(table.calls(), before + 1);
  });

  it('keeps the errors and successes of other instances', async () => {
    const table = createFakeTable();
    const one = createScene(table);
    one.tenantHealth.record({ kind: 'failed', tenantId, code: 'timeout' });
    await complete();
    const other = createScene(table);
    await other.clock.advance(minuteMs);
    other.tenantHealth.record({ kind: 'succeeded', tenantId });
    await complete();
    assert.partialDeepStrictEqual(await other.stored(), { lastErrorCode: 'timeout', lastSuccessAt: other.clock.now() });
  });

  it('ends with the latest outcome when more are recorded during a write', async () => {
    const { clock, tenantHealth, stored } = createScene();
    tenantHealth.record({ kind: 'revoked', tenantId, code: 'AADSTS700016' });
    await clock.advance(1);
    tenantHealth.record({ kind: 'revoked', tenantId, code: 'AADSTS700016' });
    tenantHealth.record({ kind: 'succeeded', tenantId });
    await complete();
    assert.equal((await stored())?.isRevoked, false);
  });

  it('is kept in memory while the storage is unavailable, and written later', async () => {
    const { clock, table, tenantHealth, stored } = createScene();
    table.setDown(true);
    tenantHealth.record({ kind: 'revoked', tenantId, code: 'AADSTS65001' });
    await complete();
    table.setDown(false);
    assert.equal(await stored(), undefined);
    await clock.advance(1);
    tenantHealth.record({ kind: 'revoked', tenantId, code: 'AADSTS65001' });
    await complete();
    assert.equal((await stored())?.isRevoked, true);
  });

  it('is removed with the tenant', async () => {
    const { tenantHealth, stored, known } = createScene();
    tenantHealth.record({ kind: 'revoked', tenantId, code: 'AADSTS65001' });
    await tenantHealth.remove(tenantId);
    assert.equal(await stored(), undefined);
    assert.equal(await known(), undefined);
  });

  it('is kept per instance without storage', async () => {
    const clock = createFakeClock();
    const tenantHealth = createTenantHealthStore(() => undefined, clock);
    tenantHealth.record({ kind: 'succeeded', tenantId });
    assert.equal((await tenantHealth.read()).get(tenantId)?.lastSuccessAt, clock.now());
  });
});
