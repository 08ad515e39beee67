import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Tenant } from '../sandbox/world.ts';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus, pageOf } from './replies.ts';
import { callbackUrl, subscriber } from './subscriber.ts';
import { createTestCloud } from './test-app.ts';

const minuteMs = 60_000;
const skewMs = 2 * minuteMs;
const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const { administrator, calls } = cloud;
const first = await useApp({ cloud, time, hasStorage: true });
const second = await first.startBeside({}, skewMs);
after(second.stop);

let customers = 0;

/** A customer tenant that was onboarded and has consented. */
async function onboardCustomer(): Promise<Tenant> {
  const tenant = administrator.addTenant({
    id: `88888888-0000-4000-8000-${String(++customers).padStart(12, '0')}`,
    domain: `instances-${customers}.example`,
    displayName: `Customer ${customers}`,
    incidentCount: 2,
  });
  const { json } = await first.call('POST /tenants', { json: { tenantId: tenant.id } });
  const link = new URL(Object(json).consentUrl);
  const answer = await cloud.handle({ method: 'GET', url: link.href, headers: {}, body: '' });
  assert.ok('status' in answer);
  assertStatus(await first.call(`GET ${answer.headers.location}`, { withKey: false }), 200);
  return tenant;
}

const keyVaultEvent = (name: string) => ({
  id: crypto.randomUUID(),
  eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
  subject: name,
  eventTime: new Date(time.now()).toISOString(),
  data: { ObjectName: name, VaultName: 'contoso-defender', ObjectType: 'Secret', Version: '1' },
  dataVersion: '1',
});

describe('a change on one instance reaches another within a minute', () => {
  it('a new version of the client secret, announced by Key Vault', async () => {
    const customer = await onboardCustomer();
    for (const { call } of [first, second]) pageOf(await call('GET /incidents?top=1'));
    administrator.rotateSecret();
    const name = 'defender-client-secret';
    assertStatus(await first.call('POST /webhooks/key-vault', { json: [keyVaultEvent(name)] }), 200);
    time.advance(minuteMs);
    calls.clear();
    pageOf(await second.call(`GET /incidents?tenantId=${customer.id}`));
    const tokenCalls = calls.of('entra').filter(({ path }) => path.endsWith('/token'));
    assert.deepEqual(
      tokenCalls.map(({ status }) => status),
      [200],
    );
  });

  it('an onboarded tenant, and its offboarding', async () => {
    const customer = await onboardCustomer();
    time.advance(minuteMs);
    const request = `GET /incidents?tenantId=${customer.id}` as const;
    for (const { call } of [first, second]) pageOf(await call(request));
    assertStatus(await first.call(`DELETE /tenants/${customer.id}`), 204);
    time.advance(minuteMs);
    calls.clear();
    assertProblem(await second.call(request), 403, 'TenantNotAllowed');
    assert.equal(calls.count('defenderXdr'), 0);
  });

  it('a subscription, and its removal', async () => {
    const onFirst = subscriber(first);
    const onSecond = subscriber(second);
    const { id } = await onFirst.subscribe();
    await onSecond.sync();
    time.advance(minuteMs);
    const incidentId = onFirst.addIncident();
    await onSecond.sync();
    assert.deepEqual(
      onSecond.take(callbackUrl).map(({ data }) => data.incidentId),
      [incidentId],
    );
    assertStatus(await first.call(`DELETE /subscriptions/${id}`), 204);
    time.advance(minuteMs);
    onFirst.addIncident();
    await onSecond.sync();
    assert.deepEqual(onSecond.take(callbackUrl), []);
    assertProblem(await second.call(`GET /subscriptions/${id}`), 404, 'NotFound');
  });
});

describe('the grant of a caller', () => {
  it('ends on another instance within a minute of its removal', async (t) => {
    const customer = await onboardCustomer();
    const other = await first.startBeside({ CALLER_AUTHENTICATION: 'keyAndToken' }, skewMs);
    t.after(other.stop);
    const objectId = crypto.randomUUID();
    const callerToken = await cloud.signInApp({ roles: ['Incident.Read'], objectId });
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const grant = { json: { tenantIds: [customer.id] } };
    assertStatus(await first.call(`PUT /callers/${objectId}`, grant), 201);
    time.advance(minuteMs);
    const request = `GET /incidents?tenantId=${customer.id}` as const;
    pageOf(await other.call(request, as(callerToken)));
    assertStatus(await first.call(`DELETE /callers/${objectId}`), 204);
    time.advance(minuteMs);
    assertProblem(await other.call(request, as(callerToken)), 403, 'TenantNotAllowed');
  });
});
