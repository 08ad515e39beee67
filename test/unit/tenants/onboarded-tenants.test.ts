import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createOnboardedTenants } from '../../../shared/tenants/onboarded-tenants.ts';
import { complete, createFakeClock } from '../fake-clock.ts';
import { createFakeTable } from '../storage/fake-table.ts';

function createScene(table = createFakeTable()) {
  const clock = createFakeClock();
  const open = () =>
    createOnboardedTenants(
      () => table,
      () => table,
      clock,
    );
  const members = open();
  const idsOf = async (of = members) => [...(await of.read()).keys()].sort();
  return { clock, table, members, another: open(), idsOf };
}

describe('the onboarded tenants', () => {
  it('are pending when they were invited, and no longer when they have consented', async () => {
    const { members } = createScene();
    assert.equal(await members.invite('t1'), true);
    assert.equal((await members.read()).get('t1')?.isPending, true);
    assert.equal(await members.accept('t1'), true);
    assert.equal((await members.read()).get('t1')?.isPending, false);
  });

  it('stay as they are when they are invited again', async () => {
    const { members } = createScene();
    await members.invite('t1');
    await members.accept('t1');
    assert.equal(await members.invite('t1'), false);
    assert.equal((await members.read()).get('t1')?.isPending, false);
  });

  it('can only accept what they were invited to', async () => {
    const { members, idsOf } = createScene();
    assert.equal(await members.accept('t1'), false);
    assert.deepEqual(await idsOf(), []);
  });

  it('are read once for however many ask, and then come from memory', async () => {
    const { members, table } = createScene();
    await Promise.all(Array.from({ length: 100 }, () => members.read()));
    await members.read();
    assert.equal(table.calls(), 1);
  });

  it('of another instance are seen half a minute later', async () => {
    const { clock, members, another, idsOf } = createScene();
    await members.read();
    await another.invite('t1');
    assert.deepEqual(await idsOf(), []);
    await clock.advance(30_000);
    await members.read();
    await complete();
    assert.deepEqual(await idsOf(), ['t1']);
  });

  it('are never older than five minutes when somebody asks', async () => {
    const { clock, members, another, idsOf } = createScene();
    await members.invite('t1');
    await members.read();
    await another.remove('t1');
    await clock.advance(5 * 60_000);
    assert.deepEqual(await idsOf(), []);
  });

  it('are served on while the storage is out of reach, which is tried every half minute', async () => {
    const { clock, members, table, idsOf } = createScene();
    await members.invite('t1');
    await members.read();
    table.setDown(true);
    await clock.advance(10 * 60_000);
    const before = table.calls();
    for (let call = 0; call < 10; call++) assert.deepEqual(await idsOf(), ['t1']);
    assert.equal(table.calls() - before, 1);
    table.setDown(false);
    await clock.advance(30_000);
    assert.deepEqual(await idsOf(), ['t1']);
    assert.equal(table.calls() - before, 2);
  });

  it('are not served again in an outage after they were removed', async () => {
    const { clock, members, table, idsOf } = createScene();
    await members.invite('t1');
    await members.read();
    await members.remove('t1');
    table.setDown(true);
    await clock.advance(10 * 60_000);
    assert.deepEqual(await idsOf(), []);
  });

  it('include one that was invited while they were being read', async () => {
    const { members, idsOf } = createScene();
    const early = members.read();
    await members.invite('t1');
    await early;
    assert.deepEqual(await idsOf(), ['t1']);
  });

  it('cannot be told when the storage was never within reach', async () => {
    const { members, table } = createScene();
    table.setDown(true);
    await assert.rejects(members.read(), UpstreamError);
  });

  it('are none without storage', async () => {
    const members = createOnboardedTenants(
      () => undefined,
      () => assert.fail('There is no storage'),
      createFakeClock(),
    );
    assert.equal((await members.read()).size, 0);
  });

  it('do not mind a row of somebody else', async () => {
    const { table, members, idsOf } = createScene();
    await table.upsert({ partitionKey: 'member', rowKey: 'odd', note: 'by hand' });
    await members.invite('t1');
    assert.deepEqual(await idsOf(), ['t1']);
  });
});
