import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as z from 'zod/mini';
import { assertProblem, assertStatus, pageOf } from '../app/replies.ts';
import { createMovableTime } from '../host/movable-time.ts';
import { type BuiltTestApp, useApp } from './harness.ts';

const minuteMs = 60_000;
const time = createMovableTime();
const one = await useApp({ time, hasStorage: true });
const { cloud } = one;
const two = await one.startBeside({});
after(two.stop);
after(time.close);

describe('two app processes on one storage account', () => {
  it('serve a tenant within a minute of its consent, and no longer than a minute after its removal', async () => {
    const customer = cloud.administrator.addTenant({
      id: crypto.randomUUID(),
      domain: 'customer.example',
      displayName: 'Customer',
      incidentCount: 1,
    });
    const list = (on: BuiltTestApp) => on.call(`GET /incidents?tenantId=${customer.id}`);
    assertProblem(await list(two), 403, 'TenantNotAllowed');
    const invitation = await one.call('POST /tenants', { json: { tenantId: customer.id } });
    const { consentUrl } = z.object({ consentUrl: z.url() }).parse(invitation.json);
    const answer = await cloud.handle({ method: 'GET', url: consentUrl, headers: {}, body: '' });
    assert.ok('status' in answer);
    assertStatus(await one.call(`GET ${answer.headers.location}`, { withKey: false }), 200);
    time.advance(minuteMs);
    for (const on of [one, two]) pageOf(await list(on));

    assertStatus(await one.call(`DELETE /tenants/${customer.id}`), 204);
    assertProblem(await list(one), 403, 'TenantNotAllowed');
    time.advance(minuteMs);
    assertProblem(await list(two), 403, 'TenantNotAllowed');
  });

  it('read a new client secret within a minute of the event that one of them received', async () => {
    for (const on of [one, two]) pageOf(await on.call('GET /incidents?top=1'));
    cloud.administrator.rotateSecret();
    const name = 'defender-client-secret';
    const event = {
      ...{ id: crypto.randomUUID(), subject: name, dataVersion: '1', eventTime: new Date().toISOString() },
      eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
      data: { ObjectName: name, ObjectType: 'Secret' },
    };
    assertStatus(await one.call('POST /webhooks/key-vault', { json: [event] }), 200);
    time.advance(minuteMs);
    for (const on of [one, two]) {
      cloud.calls.clear();
      // Defender for Endpoint: there is no token of it yet.
      assertStatus(await on.call('GET /machines?top=1'), 200);
      assert.ok(cloud.calls.count('keyVault') > 0);
      assert.equal(cloud.calls.of('entra').filter(({ status }) => status !== 200).length, 0);
    }
  });
});
