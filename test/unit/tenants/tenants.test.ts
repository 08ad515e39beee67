import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { homeTenantId } from '../settings.ts';
import { configuredId, createScene, customerId, domains, otherId } from './tenant-scene.ts';

const minuteMs = 60_000;

describe('served tenants', () => {
  it('are not locked out by a configured domain that cannot be resolved', async () => {
    const before = createScene();
    await before.consent(await before.invite());
    const { unresolvable, tenants } = createScene(['configured.com'], before.clock, before.table);
    unresolvable.add('configured.com');
    assert.equal((await tenants.findServedTenant(customerId))?.tenantId, customerId);
    await assert.rejects(tenants.findServedTenant(otherId), UpstreamError);
  });

  it('keep the id that a configured domain first resolved to, also on a new instance', async (t) => {
    const { clock, table, tenants } = createScene(['configured.com']);
    assert.equal((await tenants.findServedTenant('configured.com'))?.tenantId, configuredId);
    t.after(() => Object.assign(domains, { 'configured.com': configuredId }));
    // The domain has a new owner.
    Object.assign(domains, { 'configured.com': otherId });
    await clock.advance(48 * 60 * minuteMs);
    for (const instance of [tenants, createScene(['configured.com'], clock, table).tenants]) {
      assert.equal((await instance.findServedTenant('configured.com'))?.tenantId, configuredId);
      assert.equal(await instance.findServedTenant(otherId), undefined);
      assert.deepEqual(
        (await instance.listServedTenants()).map(({ tenantId }) => tenantId),
        [homeTenantId, configuredId],
      );
    }
  });

  it('are 502 of storage when nothing listens at its address', async () => {
    const { table, tenants } = createScene();
    table.injectFault({ when: 'before' });
    await assert.rejects(tenants.findServedTenant(customerId), UpstreamError);
  });

  it('resolves configured tenants without storage', async () => {
    const { table, tenants } = createScene();
    table.setDown(true);
    assert.equal((await tenants.findServedTenant(configuredId))?.tenantId, configuredId);
    assert.deepEqual(
      (await tenants.listServedTenants()).map(({ tenantId }) => tenantId),
      [homeTenantId, configuredId],
    );
    await assert.rejects(tenants.findServedTenant(customerId), UpstreamError);
  });
});
