import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UpstreamError } from '../../../shared/errors.ts';
import { complete } from '../fake-clock.ts';
import { homeTenantId } from '../settings.ts';
import { configuredId, createScene, customerId, otherId } from './tenant-scene.ts';

const minuteMs = 60_000;

describe('onboarding', () => {
  it('serves a tenant after invitation and consent', async () => {
    const { tenants, invite, consent, stateOf } = createScene();
    assert.equal(await tenants.findServedTenant(customerId), undefined);
    const state = await invite('fabrikam.com');
    assert.deepEqual(await tenants.findServedTenant(customerId), { tenantId: customerId, isPending: true });
    assert.equal(await stateOf(customerId), 'pending');
    assert.deepEqual(await consent(state), { kind: 'accepted', tenantId: customerId });
    assert.deepEqual(await tenants.findServedTenant('fabrikam.com'), { tenantId: customerId, isPending: false });
    assert.equal(await stateOf(customerId), 'consented');
  });

  it('accepts a state once, within an hour, from the tenant that it was made for', async () => {
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

  it('returns a new link at each call and keeps earlier ones valid', async () => {
    const { invite, consent } = createScene();
    const states = [await invite(), await invite()];
    assert.notEqual(states[0], states[1]);
    for (const state of states) assert.equal((await consent(state)).kind, 'accepted');
  });

  it('leaves a tenant pending when its administrator declines', async () => {
    const { invite, decline, stateOf } = createScene();
    assert.deepEqual(await decline(await invite()), { kind: 'declined', tenantId: customerId });
    assert.equal((await decline(await invite(), customerId)).kind, 'declined');
    assert.equal((await decline(await invite(), otherId)).kind, 'invalid');
    assert.equal(await stateOf(customerId), 'pending');
  });

  it('leaves the link valid when the storage fails during consent', async () => {
    const { table, invite, consent } = createScene();
    const state = await invite();
    table.setDown(true);
    await assert.rejects(consent(state), UpstreamError);
    table.setDown(false);
    assert.equal((await consent(state)).kind, 'accepted');
  });

  it('restores a revoked tenant', async () => {
    const { tenantHealth, invite, consent, stateOf } = createScene();
    await consent(await invite());
    tenantHealth.record({ kind: 'revoked', tenantId: customerId, code: 'AADSTS7000229' });
    await complete();
    assert.equal(await stateOf(customerId), 'revoked');
    assert.equal((await consent(await invite())).kind, 'accepted');
    assert.equal(await stateOf(customerId), 'consented');
  });

  it('returns undefined for a tenant that does not exist', async () => {
    const { onboarding } = createScene();
    assert.equal(await onboarding.invite('dddddddd-2222-4333-8444-555555555555'), undefined);
    assert.equal(await onboarding.invite('unknown.example'), undefined);
  });

  it('neither invites nor removes the home tenant and those of the settings', async () => {
    const { onboarding, stateOf } = createScene();
    for (const tenant of [homeTenantId, configuredId, 'configured.com']) {
      assert.partialDeepStrictEqual(await onboarding.invite(tenant), { isNew: false, state: undefined });
      assert.equal(await onboarding.remove(tenant), 'fixed');
    }
    assert.equal(await stateOf(configuredId), 'consented');
    assert.equal(await stateOf(homeTenantId), 'home');
  });

  it('stops serving a removed tenant and drops its tokens', async () => {
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
    assert.equal(await onboarding.remove('unknown.example'), 'removed');
  });

  it('promotes a tenant that consented without the link', async () => {
    const { onboarding, invite, stateOf } = createScene();
    await invite();
    await onboarding.promote(customerId);
    assert.equal(await stateOf(customerId), 'consented');
  });

  it('removes expired invitations', async () => {
    const { clock, table, onboarding, invite } = createScene();
    await invite();
    await clock.advance(61 * minuteMs);
    await invite(otherId);
    await onboarding.removeExpired(Number.POSITIVE_INFINITY);
    assert.equal((await table.list('invitation')).length, 1);
  });

  it('stores no state', async () => {
    const { table, invite } = createScene();
    const state = await invite();
    assert.ok(!JSON.stringify(await table.list('invitation')).includes(state));
  });
});
