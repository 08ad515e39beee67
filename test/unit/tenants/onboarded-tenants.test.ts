import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createGenerations } from '../../../shared/storage/generations.ts';
import { createOnboardedTenants } from '../../../shared/tenants/onboarded-tenants.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;
const tenantId = 'aaaaaaaa-2222-4333-8444-555555555555';

/** Two instances on one table. */
function createScene() {
  const clock = createFakeClock();
  const table = createFakeTable();
  const changed: string[] = [];
  const open = (instance: string) =>
    createOnboardedTenants({
      findTable: () => table,
      requireTable: () => table,
      generations: createGenerations(() => table, clock),
      onChange: (id) => changed.push(`${instance} ${id}`),
      clock,
    });
  const [one, two] = [open('one'), open('two')];
  const idsOf = async (of = one) => [...(await of.read()).keys()].sort();
  return { clock, table, one, two, changed, idsOf };
}

describe('onboarded tenants', () => {
  it('are pending until they consent', async () => {
    const { one } = createScene();
    assert.equal(await one.invite(tenantId), true);
    assert.equal((await one.read()).get(tenantId)?.isPending, true);
    assert.equal(await one.accept(tenantId), true);
    assert.equal((await one.read()).get(tenantId)?.isPending, false);
  });

  it('stay consented when they are invited again', async () => {
    const { one } = createScene();
    await one.invite(tenantId);
    await one.accept(tenantId);
    assert.equal(await one.invite(tenantId), false);
    assert.equal((await one.read()).get(tenantId)?.isPending, false);
  });

  it('cannot consent without an invitation', async () => {
    const { one, idsOf } = createScene();
    assert.equal(await one.accept(tenantId), false);
    assert.deepEqual(await idsOf(), []);
  });

  it('are read once for concurrent calls and then come from memory', async () => {
    const { one, table } = createScene();
    await Promise.all(Array.from({ length: 100 }, () => one.read()));
    await one.read();
    assert.equal(table.calls(), 1);
  });

  it('reach another instance within a minute, and so do consent and removal', async () => {
    const { clock, one, two, idsOf } = createScene();
    assert.deepEqual(await idsOf(two), []);
    await one.invite(tenantId);
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), [tenantId]);
    await one.accept(tenantId);
    await clock.advance(minuteMs);
    assert.equal((await two.read()).get(tenantId)?.isPending, false);
    await one.remove(tenantId);
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), []);
  });

  it('report changes on every instance, which drops what it has cached for the tenant', async () => {
    const { clock, one, two, changed } = createScene();
    await one.invite(tenantId);
    await Promise.all([one.read(), two.read()]);
    await one.accept(tenantId);
    await clock.advance(minuteMs);
    await Promise.all([one.read(), two.read()]);
    assert.deepEqual(changed.splice(0), [`one ${tenantId}`, `two ${tenantId}`]);
    await two.remove(tenantId);
    await clock.advance(minuteMs);
    await Promise.all([one.read(), two.read()]);
    assert.deepEqual(changed.sort(), [`one ${tenantId}`, `two ${tenantId}`]);
  });

  it('are removed by a repeated call when the other instances could not be notified', async () => {
    const { clock, table, one, two, idsOf } = createScene();
    await one.invite(tenantId);
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), [tenantId]);
    table.injectFault({ when: 'before', method: 'upsert' });
    await assert.rejects(one.remove(tenantId), UpstreamError);
    await one.remove(tenantId);
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), []);
  });

  it('are served for 15 minutes while the storage is unavailable, which is tried every half minute', async () => {
    const { clock, one, table, idsOf } = createScene();
    await one.invite(tenantId);
    await one.read();
    table.setDown(true);
    await clock.advance(10 * minuteMs);
    for (let call = 0; call < 10; call++) assert.deepEqual(await idsOf(), [tenantId]);
    await clock.advance(5 * minuteMs);
    await assert.rejects(one.read(), UpstreamError);
    table.setDown(false);
    assert.deepEqual(await idsOf(), [tenantId]);
  });

  it('are not served after their removal, even if the storage fails then', async () => {
    const { clock, one, table, idsOf } = createScene();
    await one.invite(tenantId);
    await one.remove(tenantId);
    await one.read();
    table.setDown(true);
    await clock.advance(10 * minuteMs);
    assert.deepEqual(await idsOf(), []);
  });

  it('include a tenant that was invited during a read', async () => {
    const { one, idsOf } = createScene();
    const early = one.read();
    await one.invite(tenantId);
    await early;
    assert.deepEqual(await idsOf(), [tenantId]);
  });

  it('cannot be read while the storage is unavailable from the start', async () => {
    const { one, table } = createScene();
    table.setDown(true);
    await assert.rejects(one.read(), UpstreamError);
  });

  it('are empty without storage', async () => {
    const clock = createFakeClock();
    const without = createOnboardedTenants({
      findTable: () => undefined,
      requireTable: () => assert.fail('There is no storage'),
      generations: createGenerations(() => undefined, clock),
      onChange: () => {},
      clock,
    });
    assert.equal((await without.read()).size, 0);
  });

  it('ignore rows of other programs', async () => {
    const { table, one, idsOf } = createScene();
    await table.upsert({ partitionKey: 'tenant', rowKey: 'odd', note: 'by hand' });
    await one.invite(tenantId);
    assert.deepEqual(await idsOf(), [tenantId]);
  });
});
