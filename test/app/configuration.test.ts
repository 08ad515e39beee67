import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const { cloud, call, startBeside } = await useApp();
const incidentId = cloud.securityOf(cloud.world.home.id).incidents.all()[0]?.incidentId;

describe('missing and invalid settings', () => {
  it('are all reported by name, never by value, while ping still returns 200', async (t) => {
    const wrong = {
      DEFENDER_TENANT_ID: 'wrong-tenant',
      DEFENDER_CLIENT_ID: '',
      KEY_VAULT_URL: 'http://wrong-vault.example',
      DEFENDER_CLIENT_SECRET_NAME: 'wrong_name',
      DEFENDER_TENANTS: 'contoso.com,wrong tenant',
      DEFENDER_CLOUD: 'wrong-cloud',
      DEFENDER_CREDENTIAL: 'wrong-credential',
      DEFENDER_HUNTING_API: 'wrong-api',
      DEFENDER_READ_ONLY: 'wrong-flag',
      UPSTREAM_TIMEOUT_SECONDS: '0',
      AZURE_CLIENT_ID: 'wrong-identity',
    };
    const app = await startBeside(wrong);
    t.after(() => app.stop());
    for (const request of ['GET /incidents', 'PATCH /incidents/1', 'POST /hunting', 'GET /health'] as const) {
      const reply = await app.call(request);
      const { errors = [] } = assertProblem(reply, 500, 'InvalidConfiguration');
      assert.deepEqual(errors.map(({ name }) => name).sort(), Object.keys(wrong).sort());
      assert.deepEqual(new Set(errors.map((error) => error.in)), new Set(['setting']));
      assert.equal(errors.find(({ name }) => name === 'DEFENDER_CLIENT_ID')?.detail, 'is required');
      assert.ok(!/wrong-/.test(reply.text), reply.text);
    }
    for (const request of ['GET /ping', 'GET /openapi.json', 'GET /swagger.json'] as const) {
      assertStatus(await app.call(request, { withKey: false }), 200);
    }
    assert.equal(cloud.calls.all.length, 0);
  });

  it('include a region outside the public cloud', async (t) => {
    const app = await startBeside({ DEFENDER_CLOUD: 'gcc', DEFENDER_REGION: 'eu' });
    t.after(() => app.stop());
    const { errors } = assertProblem(await app.call('GET /incidents'), 500, 'InvalidConfiguration');
    assert.partialDeepStrictEqual(errors, [{ in: 'setting', name: 'DEFENDER_REGION' }]);
  });

  it('exclude blank settings, which count as absent, and values in another case', async (t) => {
    const settings = {
      DEFENDER_TENANTS: ' ',
      DEFENDER_REGION: '',
      DEFENDER_CLOUD: 'PUBLIC',
      DEFENDER_READ_ONLY: 'False',
    };
    const app = await startBeside(settings);
    t.after(() => app.stop());
    assertStatus(await app.call('GET /incidents?top=1'), 200);
  });
});

describe('read-only mode', () => {
  it('rejects every change before any other check, without an upstream call', async (t) => {
    const app = await startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => app.stop());
    for (const [request, json] of [
      [`PATCH /incidents/${incidentId}`, { status: 'Active' }],
      ['PATCH /incidents/x?tenantId=unknown.example&y=1', { status: 'open' }],
    ] as const) {
      assertProblem(await app.call(request, { json }), 403, 'ReadOnly');
    }
    assert.equal(cloud.calls.all.length, 0);
  });

  it('allows reading and hunting', async (t) => {
    const app = await startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => app.stop());
    assertStatus(await app.call(`GET /incidents/${incidentId}`), 200);
    assertStatus(await app.call('POST /hunting', { json: { query: 'AlertInfo | count' } }), 200);
  });

  it('is off by default', async () => {
    assertStatus(await call(`PATCH /incidents/${incidentId}`, { json: { tags: ['x'] } }), 200);
  });
});

describe('the managed identity', () => {
  it('is the system-assigned one, or the user-assigned one of AZURE_CLIENT_ID', async (t) => {
    const [systemAssigned, userAssigned] = cloud.world.identities;
    assert.ok(systemAssigned && userAssigned);
    const app = await startBeside({ AZURE_CLIENT_ID: userAssigned.clientId });
    t.after(() => app.stop());
    assertStatus(await app.call('GET /incidents?top=1'), 200);
    const other = await startBeside({});
    t.after(() => other.stop());
    assertStatus(await other.call('GET /incidents?top=1'), 200);
    const used = cloud.calls.of('keyVault').flatMap(({ claims }) => claims?.appid ?? []);
    assert.deepEqual(used, [userAssigned.clientId, systemAssigned.clientId]);
  });
});
