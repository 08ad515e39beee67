import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, world } = cloud;
const { home } = world;
const [, fabrikam] = world.tenants;
assert.ok(fabrikam);
const { call, observations } = await useApp({ cloud, hasStorage: true });
const { incidents, machines } = cloud.securityOf(home.id);
const callbackUrl = 'https://prod-1.westeurope.logic.azure.com/workflows/1?sig=canary';

/** The audit events of an operation, without durations. */
const auditOf = (operation: string) =>
  observations.flatMap((each) => {
    if ((each.name !== 'WriteStarted' && each.name !== 'WriteEnded') || each.operation !== operation) return [];
    const { durationMs: _, ...others } = { durationMs: 0, ...each };
    return [others];
  });

const byKey = { caller: 'functionKey', tenantId: home.id };

describe('the audit', () => {
  it('names the entity in the path', async () => {
    const { incidentId } = incidents.all()[0] ?? assert.fail();
    const target = { targetType: 'incident', targetId: String(incidentId) };
    assertStatus(await call(`PATCH /incidents/${incidentId}`, { json: { tags: ['x'] } }), 200);
    const write = { operation: 'updateIncident', ...byKey, ...target };
    assert.deepEqual(auditOf('updateIncident'), [
      { name: 'WriteStarted', ...write },
      { name: 'WriteEnded', ...write, result: 'succeeded' },
    ]);
  });

  it('names what was created', async () => {
    const id = machines[0]?.id ?? assert.fail();
    const started = await call(`POST /machines/${id}/actions`, { json: { type: 'isolate', comment: 'x' } });
    assertStatus(started, 202);
    const { id: resultId } = started.json as { id: string };
    const target = { targetType: 'machine', targetId: id };
    assert.partialDeepStrictEqual(auditOf('startMachineAction')[1], { ...target, resultId, result: 'succeeded' });
  });

  it('names the host of a callback, never its URL', async () => {
    const created = await call('POST /subscriptions', { json: { callbackUrl } });
    assertStatus(created, 201);
    const { id: resultId } = created.json as { id: string };
    const host = new URL(callbackUrl).host;
    const [started, ended] = auditOf('subscribe');
    assert.partialDeepStrictEqual(started, { targetType: 'callbackHost', targetId: host });
    assert.partialDeepStrictEqual(ended, { targetId: host, resultId });
    assert.doesNotMatch(JSON.stringify(observations), /canary/);
  });

  it('names the user who unsubscribes', async () => {
    const created = await call('POST /subscriptions', { json: { callbackUrl } });
    const { id } = created.json as { id: string };
    const user = administrator.addUser(`${crypto.randomUUID()}@${home.domain}`, home);
    const headers = { authorization: `Bearer ${await cloud.signIn(user)}` };
    assertStatus(await call(`DELETE /subscriptions/${id}`, { headers }), 204);
    const write = { caller: 'user', callerId: user.objectId, targetType: 'subscription', targetId: id };
    for (const each of auditOf('unsubscribe')) assert.partialDeepStrictEqual(each, write);
    assert.equal(auditOf('unsubscribe').length, 2);
  });

  it('files onboarding and offboarding under the tenant, even if it is named by a domain', async () => {
    assertStatus(await call('POST /tenants', { json: { tenantId: fabrikam.domain } }), 201);
    assertStatus(await call(`DELETE /tenants/${fabrikam.domain}`), 204);
    const target = { targetType: 'tenant', targetId: fabrikam.domain, tenantId: fabrikam.id };
    assert.partialDeepStrictEqual(auditOf('onboardTenant')[1], { ...target, result: 'succeeded' });
    for (const each of auditOf('offboardTenant')) assert.partialDeepStrictEqual(each, target);
    assert.equal(auditOf('offboardTenant').length, 2);
  });

  it('names the indicator', async () => {
    const json = { indicatorValue: 'evil.example', indicatorType: 'DomainName', action: 'Allowed' };
    assertStatus(await call('POST /indicators', { json: { ...json, title: 'x', description: 'x' } }), 200);
    const target = { targetType: 'indicator', targetId: 'evil.example' };
    assert.partialDeepStrictEqual(auditOf('submitIndicator')[0], target);
  });
});
