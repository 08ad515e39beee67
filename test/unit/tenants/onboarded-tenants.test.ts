import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createGenerations } from '../../../shared/storage/generations.ts';
import { createOnboardedTenants } from '../../../shared/tenants/onboarded-tenants.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const minuteMs = 60_000;

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
      onChange: (tenantId) => changed.push(`${instance} ${tenantId}`),
      clock,
    });
  const [one, two] = [open('one'), open('two')];
  const idsOf = async (of = one) => [...(await of.read()).keys()].sort();
  return { clock, table, one, two, changed, idsOf };
}

describe('onboarded tenants', () => {
  it('are pending until they consent', async () => {
    const { one } = createScene();
    assert.equal(await one.invite('t1'), true);
    assert.equal((await one.read()).get('t1')?.isPending, true);
    assert.equal(await one.accept('t1'), true);
    assert.equal((await one.read()).get('t1')?.isPending, false);
  });

  it('stay consented when they are invited again', async () => {
    const { one } = createScene();
    await one.invite('t1');
    await one.accept('t1');
    assert.equal(await one.invite('t1'), false);
    assert.equal((await one.read()).get('t1')?.isPending, false);
  });

  it('cannot consent without an invitation', async () => {
    const { one, idsOf } = createScene();
    assert.equal(await one.accept('t1'), false);
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
    await one.invite('t1');
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), ['t1']);
    await one.accept('t1');
    await clock.advance(minuteMs);
    assert.equal((await two.read()).get('t1')?.isPending, false);
    await one.remove('t1');
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), []);
  });

  it('report changes on every instance, which drops what it has cached for the tenant', async () => {
    const { clock, one, two, changed } = createScene();
    await one.invite('t1');
    await Promise.all([one.read(), two.read()]);
    await one.accept('t1');
    await clock.advance(minuteMs);
    await Promise.all([one.read(), two.read()]);
    assert.deepEqual(changed.splice(0), ['one t1', 'two t1']);
    await two.remove('t1');
    await clock.advance(minuteMs);
    await Promise.all([one.read(), two.read()]);
    assert.deepEqual(changed.sort(), ['one t1', 'two t1']);
  });

  it('are removed by a repeated call when the other instances could not be notified', async () => {
    const { clock, table, one, two, idsOf } = createScene();
    await one.invite('t1');
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), ['t1']);
    table.injectFault({ when: 'before', method: 'upsert' });
    await assert.rejects(one.remove('t1'), UpstreamError);
    await one.remove('t1');
    await clock.advance(minuteMs);
    assert.deepEqual(await idsOf(two), []);
  });

  it('are served for 15 minutes while the storage is unavailable, which is tried every half minute', async () => {
    const { clock, one, table, idsOf } = createScene();
    await one.invite('t1');
    await one.read();
    table.setDown(true);
    await clock.advance(10 * minuteMs);
    for (let call = 0; call < 10; call++) assert.deepEqual(await idsOf(), ['t1']);
    await clock.advance(5 * minuteMs);
    await assert.rejects(one.read(), UpstreamError);
    table.setDown(false);
    assert.deepEqual(await idsOf(), ['t1']);
  });

  it('are not served after their removal, even if the storage fails then', async () => {
    const { clock, one, table, idsOf } = createScene();
    await one.invite('t1');
    await one.remove('t1');
    await one.read();
    table.setDown(true);
    await clock.advance(10 * minuteMs);
    assert.deepEqual(await idsOf(), []);
  });

  it('include a tenant that was invited during a read', async () => {
    const { one, idsOf } = createScene();
    const early = one.read();
    await one.invite('t1');
    await early;
    assert.deepEqual(await idsOf(), ['t1']);
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
    await one.invite('t1');
    assert.deepEqual(await idsOf(), ['t1']);
  });
});
