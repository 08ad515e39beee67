import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startApp, useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { newSecret, sendSigned } from './signed-message.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const [home, fabrikam] = cloud.world.tenants;
assert.ok(home && fabrikam);
const secret = newSecret();
cloud.administrator.putSecret('webhook-secret', secret);
const settings = { WEBHOOK_SECRET_NAME: 'webhook-secret', DEFENDER_TENANTS: fabrikam.id };
const app = await useApp({ cloud, hasStorage: true, settings: { ...settings, CALLER_AUTHENTICATION: 'token' } });
const { call } = app;

const updateIn = (tenantId: string) => ({
  type: 'incident.update',
  tenantId,
  data: { incidentId: cloud.securityOf(tenantId).incidents.all()[0]?.incidentId, tags: [crypto.randomUUID()] },
});
const changes = () =>
  cloud.calls.all.filter(({ method, service }) => method !== 'GET' && service.startsWith('defender'));

describe('a signed command without function keys', () => {
  it('needs no access token', async () => {
    assertStatus(await sendSigned(call, updateIn(home.id), { by: secret }), 200);
  });

  it('acts in another tenant only with a grant', async (t) => {
    const before = changes().length;
    assertProblem(await sendSigned(call, updateIn(fabrikam.id), { by: secret }), 403, 'TenantNotAllowed');
    assert.equal(changes().length, before);

    const withKey = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'key' });
    t.after(() => withKey.stop());
    const grant = { json: { tenantIds: [home.id, fabrikam.id] } };
    assertStatus(await withKey.call('PUT /callers/commandWebhook', grant), 201);
    const granted = await app.startBeside({ ...settings, CALLER_AUTHENTICATION: 'token' });
    t.after(() => granted.stop());
    assertStatus(await sendSigned(granted.call, updateIn(fabrikam.id), { by: secret }), 200);
  });
});

describe('WEBHOOK_COMMANDS', () => {
  it('limits the types of signed commands', async (t) => {
    const limited = await startApp({
      cloud,
      hasStorage: true,
      settings: { ...settings, WEBHOOK_COMMANDS: 'machine.action' },
    });
    t.after(() => limited.stop());
    const before = changes().length;
    const problem = assertProblem(
      await sendSigned(limited.call, updateIn(home.id), { by: secret }),
      403,
      'ActionNotAllowed',
    );
    assert.match(problem.nextStep ?? '', /WEBHOOK_COMMANDS/);
    assert.equal(changes().length, before);
    const machineId = cloud.securityOf(home.id).machines[0]?.id;
    const data = { machineId, type: 'isolate', comment: 'x' };
    assertStatus(await sendSigned(limited.call, { type: 'machine.action', data }, { by: secret }), 202);
  });
});
