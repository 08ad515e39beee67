import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { createOnboardedTenants } from '../../../shared/tenants/onboarded-tenants.ts';
import { createOnboarding } from '../../../shared/tenants/onboarding.ts';
import { createTenantHealthStore } from '../../../shared/tenants/tenant-health.ts';
import { createTenants } from '../../../shared/tenants/tenants.ts';
import { createTenantDirectory } from '../../../shared/tokens/tenant-directory.ts';
import { complete, createFakeClock } from '../fake-clock.ts';
import { homeTenantId } from '../settings.ts';
import { createFakeTable } from '../storage/fake-table.ts';

const configuredId = 'aaaaaaaa-2222-4333-8444-555555555555';
const customerId = 'bbbbbbbb-2222-4333-8444-555555555555';
const otherId = 'cccccccc-2222-4333-8444-555555555555';
const domains: Record<string, string> = { 'fabrikam.com': customerId, 'configured.com': configuredId };
const minuteMs = 60_000;

function createScene(configuredTenants = [configuredId]) {
  const clock = createFakeClock();
  const table = createFakeTable();
  const exists = new Set([homeTenantId, configuredId, customerId, otherId]);
  const unresolvable = new Set<string>();
  const requestTenantId = async (name: string) => {
    if (unresolvable.has(name)) throw new UpstreamError('Entra is down.', { service: 'entra', failure: 'timeout' });
    return domains[name] ?? (exists.has(name) ? name : undefined);
  };
  const directory = createTenantDirectory({ homeTenantId, configuredTenants, requestTenantId, clock });
  const open = () => table;
  const members = createOnboardedTenants(open, open, clock);
  const tenantHealth = createTenantHealthStore(open, clock);
  const forgotten: string[] = [];
  const onboarding = createOnboarding({
    directory,
    members,
    tenantHealth,
    requireTable: open,
    requestTenantId,
    forgetTokens: (tenantId) => forgotten.push(tenantId),
    clock,
  });
  const tenants = createTenants(directory, members, tenantHealth);
  async function invite(tenant = customerId): Promise<string> {
    return (await onboarding.invite(tenant))?.state ?? assert.fail('There is no state');
  }
  const consent = (state: string | undefined, tenantId: string | undefined = customerId) =>
    onboarding.complete({ state, tenantId, isGranted: true, isRefused: false });
  const decline = (state: string, tenantId?: string) =>
    onboarding.complete({ state, tenantId, isGranted: false, isRefused: true });
  const stateOf = async (id: string) => (await tenants.listTenants()).find(({ tenantId }) => tenantId === id)?.state;
  return {
    clock,
    table,
    unresolvable,
    tenantHealth,
    onboarding,
    tenants,
    forgotten,
    invite,
    consent,
    decline,
    stateOf,
  };
}

describe('onboarding', () => {
  it('leads from an invitation over the consent to a tenant that is served', async () => {
    const { tenants, invite, consent, stateOf } = createScene();
    assert.equal(await tenants.findServedTenant(customerId), undefined);
    const state = await invite('fabrikam.com');
    assert.deepEqual(await tenants.findServedTenant(customerId), { tenantId: customerId, isPending: true });
    assert.equal(await stateOf(customerId), 'pending');
    assert.deepEqual(await consent(state), { kind: 'accepted', tenantId: customerId });
    assert.deepEqual(await tenants.findServedTenant('fabrikam.com'), { tenantId: customerId, isPending: false });
    assert.equal(await stateOf(customerId), 'consented');
  });

  it('takes a state once, within the hour, from the tenant that it was made for', async () => {
    const { clock, invite, consent, stateOf } = createScene();
    assert.equal((await consent(undefined)).kind, 'invalid');
    assert.equal((await consent('made-up')).kind, 'invalid');
    const state = await invite();
    assert.equal((await consent(state, otherId)).kind, 'invalid');
    assert.equal(await stateOf(customerId), 'pending');
    assert.equal((await consent(state)).kind, 'accepted');
    assert.equal((await consent(state)).kind, 'invalid');
    const late = await invite();
    await clock.advance(60 * minuteMs);
    assert.equal((await consent(late)).kind, 'invalid');
  });

  it('gives a fresh link at each call, of which every one is good', async () => {
    const { invite, consent } = createScene();
    const states = [await invite(), await invite()];
    assert.notEqual(states[0], states[1]);
    for (const state of states) assert.equal((await consent(state)).kind, 'accepted');
  });

  it('leaves a tenant pending whose administrator declines, whether or not Entra says which it is', async () => {
    const { invite, decline, stateOf } = createScene();
    assert.deepEqual(await decline(await invite()), { kind: 'declined', tenantId: customerId });
    assert.equal((await decline(await invite(), customerId)).kind, 'declined');
    assert.equal((await decline(await invite(), otherId)).kind, 'invalid');
    assert.equal(await stateOf(customerId), 'pending');
  });

  it('leaves the link good when the storage fails at the consent', async () => {
    const { table, invite, consent } = createScene();
    const state = await invite();
    table.setDown(true);
    await assert.rejects(consent(state), UpstreamError);
    table.setDown(false);
    assert.equal((await consent(state)).kind, 'accepted');
  });

  it('makes a tenant whole again that was revoked', async () => {
    const { tenantHealth, invite, consent, stateOf } = createScene();
    await consent(await invite());
    tenantHealth.note({ kind: 'revoked', tenantId: customerId, code: 'AADSTS7000229' });
    await complete();
    assert.equal(await stateOf(customerId), 'revoked');
    assert.equal((await consent(await invite())).kind, 'accepted');
    assert.equal(await stateOf(customerId), 'consented');
  });

  it('knows no tenant that does not exist', async () => {
    const { onboarding } = createScene();
    assert.equal(await onboarding.invite('dddddddd-2222-4333-8444-555555555555'), undefined);
    assert.equal(await onboarding.invite('nobody.example'), undefined);
  });

  it('needs no invitation for the home tenant and those of the settings, which stay', async () => {
    const { onboarding, stateOf } = createScene();
    for (const tenant of [homeTenantId, configuredId, 'configured.com']) {
      assert.partialDeepStrictEqual(await onboarding.invite(tenant), { isNew: false, state: undefined });
      assert.equal(await onboarding.remove(tenant), 'fixed');
    }
    assert.equal(await stateOf(configuredId), 'consented');
    assert.equal(await stateOf(homeTenantId), 'home');
  });

  it('ends with a tenant that is not served, and whose tokens are forgotten', async () => {
    const { onboarding, tenants, forgotten, invite, consent } = createScene();
    const state = await invite();
    await consent(state);
    const unused = await invite();
    forgotten.splice(0);
    assert.equal(await onboarding.remove('fabrikam.com'), 'removed');
    assert.deepEqual(forgotten, [customerId]);
    assert.equal(await tenants.findServedTenant(customerId), undefined);
    assert.equal((await consent(unused)).kind, 'invalid');
    assert.equal(await onboarding.remove(customerId), 'removed');
    assert.equal(await onboarding.remove('nobody.example'), 'removed');
  });

  it('is found out for a tenant that consented without the link', async () => {
    const { onboarding, invite, stateOf } = createScene();
    await invite();
    await onboarding.promote(customerId);
    assert.equal(await stateOf(customerId), 'consented');
  });

  it('leaves no old invitations behind', async () => {
    const { clock, table, onboarding, invite } = createScene();
    await invite();
    await clock.advance(61 * minuteMs);
    await invite(otherId);
    await onboarding.removeExpired();
    assert.equal((await table.list('invitation')).length, 1);
  });

  it('keeps no state that could be stolen', async () => {
    const { table, invite } = createScene();
    const state = await invite();
    assert.ok(!JSON.stringify(await table.list('invitation')).includes(state));
  });
});

describe('the tenants that are served', () => {
  it('are not locked out by a domain of the settings that cannot be resolved', async () => {
    const { clock, unresolvable, tenants, invite, consent } = createScene(['configured.com']);
    await consent(await invite());
    unresolvable.add('configured.com');
    await clock.advance(24 * 60 * minuteMs);
    assert.equal((await tenants.findServedTenant(customerId))?.tenantId, customerId);
    await assert.rejects(tenants.findServedTenant(otherId), UpstreamError);
  });

  it('of the settings need no storage', async () => {
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
