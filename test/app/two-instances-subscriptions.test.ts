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
const { administrator } = cloud;
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

describe('a subscription', () => {
  it('receives and stops receiving from every instance within a minute of the change on one', async () => {
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
