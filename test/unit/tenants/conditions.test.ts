import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConditions } from '../../../shared/tenants/conditions.ts';
import { createFakeClock, settle } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const tenantId = 't1';
const minuteMs = 60_000;

function createScene(table = createFakeTable()) {
  const clock = createFakeClock();
  const conditions = createConditions(() => table, clock);
  /** As another instance, or this one after a restart, sees it. */
  const stored = async () => (await createConditions(() => table, clock).read()).get(tenantId);
  return { clock, table, conditions, stored, known: async () => (await conditions.read()).get(tenantId) };
}

describe('how calls in a tenant go', () => {
  it('is remembered over restarts', async () => {
    const { clock, conditions, stored } = createScene();
    conditions.note({ kind: 'succeeded', tenantId });
    await settle();
    assert.deepEqual(await stored(), {
      isRevoked: false,
      lastSuccessAt: clock.now(),
      lastErrorAt: undefined,
      lastErrorCode: undefined,
    });
  });

  it('is revoked from the first refusal on until a call succeeds', async () => {
    const { clock, conditions, stored } = createScene();
    conditions.note({ kind: 'succeeded', tenantId });
    await clock.advance(minuteMs);
    conditions.note({ kind: 'revoked', tenantId, code: 'AADSTS7000229' });
    await settle();
    assert.partialDeepStrictEqual(await stored(), { isRevoked: true, lastErrorCode: 'AADSTS7000229' });
    await clock.advance(minuteMs);
    conditions.note({ kind: 'succeeded', tenantId });
    await settle();
    assert.partialDeepStrictEqual(await stored(), { isRevoked: false, lastErrorCode: 'AADSTS7000229' });
  });

  it('is not revoked by an outage', async () => {
    const { conditions, stored } = createScene();
    conditions.note({ kind: 'failed', tenantId, code: 'AADSTS90033' });
    await settle();
    assert.partialDeepStrictEqual(await stored(), { isRevoked: false, lastErrorCode: 'AADSTS90033' });
  });

  it('is written when it changes, else every hour', async () => {
    const { clock, table, conditions } = createScene();
    conditions.note({ kind: 'succeeded', tenantId });
    await settle();
    const before = table.calls();
    for (let minute = 0; minute < 59; minute++) {
      await clock.advance(minuteMs);
      conditions.note({ kind: 'succeeded', tenantId });
      await settle();
    }
    assert.equal(table.calls(), before);
    await clock.advance(minuteMs);
    conditions.note({ kind: 'succeeded', tenantId });
    await settle();
    assert.equal(table.calls(), before + 1);
  });

  it('keeps what another instance has written of the other kind', async () => {
    const table = createFakeTable();
    const one = createScene(table);
    one.conditions.note({ kind: 'failed', tenantId, code: 'timeout' });
    await settle();
    const other = createScene(table);
    await other.clock.advance(minuteMs);
    other.conditions.note({ kind: 'succeeded', tenantId });
    await settle();
    assert.partialDeepStrictEqual(await other.stored(), { lastErrorCode: 'timeout', lastSuccessAt: other.clock.now() });
  });

  it('says the latest when more happens during a write', async () => {
    const { clock, conditions, stored } = createScene();
    conditions.note({ kind: 'revoked', tenantId, code: 'AADSTS700016' });
    await clock.advance(1);
    conditions.note({ kind: 'revoked', tenantId, code: 'AADSTS700016' });
    conditions.note({ kind: 'succeeded', tenantId });
    await settle();
    assert.equal((await stored())?.isRevoked, false);
  });

  it('is in memory while the storage is out of reach, and is written later', async () => {
    const { clock, table, conditions, stored } = createScene();
    table.setDown(true);
    conditions.note({ kind: 'revoked', tenantId, code: 'AADSTS65001' });
    await settle();
    table.setDown(false);
    assert.equal(await stored(), undefined);
    await clock.advance(1);
    conditions.note({ kind: 'revoked', tenantId, code: 'AADSTS65001' });
    await settle();
    assert.equal((await stored())?.isRevoked, true);
  });

  it('is forgotten with the tenant', async () => {
    const { conditions, stored, known } = createScene();
    conditions.note({ kind: 'revoked', tenantId, code: 'AADSTS65001' });
    await conditions.remove(tenantId);
    assert.equal(await stored(), undefined);
    assert.equal(await known(), undefined);
  });

  it('is known without storage as long as the app runs', async () => {
    const clock = createFakeClock();
    const conditions = createConditions(() => undefined, clock);
    conditions.note({ kind: 'succeeded', tenantId });
    assert.equal((await conditions.read()).get(tenantId)?.lastSuccessAt, clock.now());
  });
});
