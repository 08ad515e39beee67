import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import * as z from 'zod/mini';
import { useApp } from './harness.ts';
import { createMovableTime } from './movable-time.ts';
import { assertProblem, assertStatus, pageOf } from './replies.ts';
import { createTestCloud, type TestApp } from './test-app.ts';

const minuteMs = 60_000;
const time = createMovableTime();
const cloud = createTestCloud({ now: time.now });
const { administrator, calls } = cloud;
const newSecret = () => `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
administrator.putSecret('webhook-secret', newSecret());
const one = await useApp({ cloud, time, hasStorage: true, settings: { WEBHOOK_SECRET_NAME: 'webhook-secret' } });
const two = await one.startBeside({ WEBHOOK_SECRET_NAME: 'webhook-secret' });
after(two.stop);

const incidentId = cloud.securityOf(cloud.world.home.id).incidents.all()[0]?.incidentId;

function sendCommand(on: TestApp, secret: string) {
  const body = JSON.stringify({ type: 'incident.update', data: { incidentId, tags: ['by-webhook'] } });
  const [id, at] = [crypto.randomUUID(), new Date()];
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
  return on.call('POST /webhooks/commands', { headers, body, withKey: false });
}

const announce = (on: TestApp, name: string) =>
  on.call('POST /webhooks/key-vault', {
    json: [
      {
        ...{ id: crypto.randomUUID(), subject: name, dataVersion: '1', eventTime: new Date().toISOString() },
        eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
        data: { ObjectName: name, ObjectType: 'Secret' },
      },
    ],
  });

describe('two instances on one storage account', () => {
  it('reject a rotated signing secret within a minute of the event that one of them received', async () => {
    const before = newSecret();
    administrator.putSecret('webhook-secret', before);
    time.advance(5 * minuteMs);
    for (const on of [one, two]) assertStatus(await sendCommand(on, before), 200);
    administrator.putSecret('webhook-secret', newSecret());
    assertStatus(await announce(one, 'webhook-secret'), 200);
    assertProblem(await sendCommand(one, before), 401, 'InvalidSignature');
    time.advance(minuteMs);
    assertProblem(await sendCommand(two, before), 401, 'InvalidSignature');
  });

  it('read a new client secret within a minute of the event that one of them received', async () => {
    for (const on of [one, two]) pageOf(await on.call('GET /incidents?top=1'));
    administrator.rotateSecret();
    assertStatus(await announce(one, 'defender-client-secret'), 200);
    time.advance(minuteMs);
    for (const on of [one, two]) {
      calls.clear();
      // Defender for Endpoint: there is no token of it yet.
      assertStatus(await on.call('GET /machines?top=1'), 200);
      assert.ok(calls.count('keyVault') > 0);
      assert.equal(calls.of('entra').filter(({ status }) => status !== 200).length, 0);
    }
  });

  it('serve a tenant within a minute of its consent, and no longer than a minute after its removal', async () => {
    const customer = administrator.addTenant({
      id: crypto.randomUUID(),
      domain: 'customer.example',
      displayName: 'Customer',
      incidentCount: 1,
    });
    const list = (on: TestApp) => on.call(`GET /incidents?tenantId=${customer.id}`);
    assertProblem(await list(two), 403, 'TenantNotAllowed');
    const invitation = await one.call('POST /tenants', { json: { tenantId: customer.id } });
    const { consentUrl } = z.object({ consentUrl: z.url() }).parse(invitation.json);
    const answer = await cloud.handle({ method: 'GET', url: consentUrl, headers: {}, body: '' });
    assert.ok('status' in answer);
    assertStatus(await one.call(`GET ${answer.headers.location}`, { withKey: false }), 200);
    pageOf(await list(one));
    time.advance(minuteMs);
    pageOf(await list(two));

    assertStatus(await one.call(`DELETE /tenants/${customer.id}`), 204);
    assertProblem(await list(one), 403, 'TenantNotAllowed');
    time.advance(minuteMs);
    assertProblem(await list(two), 403, 'TenantNotAllowed');
  });

  it('use no token from before its removal for a tenant that is onboarded again', async () => {
    const [, customer] = cloud.world.tenants;
    assert.ok(customer);
    const onboard = async () => {
      const reply = await one.call('POST /tenants', { json: { tenantId: customer.id } });
      const { consentUrl } = z.object({ consentUrl: z.url() }).parse(reply.json);
      const answer = await cloud.handle({ method: 'GET', url: consentUrl, headers: {}, body: '' });
      assert.ok('status' in answer);
      assertStatus(await one.call(`GET ${answer.headers.location}`, { withKey: false }), 200);
      time.advance(minuteMs);
    };
    const list = () => two.call(`GET /incidents?tenantId=${customer.id}`);
    await onboard();
    pageOf(await list());
    assertStatus(await one.call(`DELETE /tenants/${customer.id}`), 204);
    time.advance(minuteMs);
    assertProblem(await list(), 403, 'TenantNotAllowed');
    await onboard();
    calls.clear();
    pageOf(await list());
    assert.equal(calls.of('entra').filter(({ path }) => path.endsWith('/token')).length, 1);
  });
});

describe('a signing secret that was disabled in Key Vault', () => {
  it('is accepted on no instance for longer than five minutes', async () => {
    const secret = newSecret();
    administrator.putSecret('webhook-secret', secret);
    time.advance(5 * minuteMs);
    for (const on of [one, two]) assertStatus(await sendCommand(on, secret), 200);
    administrator.disableSecret('webhook-secret');
    time.advance(5 * minuteMs);
    for (const on of [one, two]) {
      assertProblem(await sendCommand(on, secret), 503, 'CredentialUnavailable');
    }
    time.advance(11 * 60 * minuteMs);
    assertProblem(await sendCommand(one, secret), 503, 'CredentialUnavailable');
    administrator.putSecret('webhook-secret', secret);
    time.advance(minuteMs);
    assertStatus(await sendCommand(one, secret), 200);
  });
});
