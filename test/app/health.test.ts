import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as z from 'zod/mini';
import { json } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { useApp } from './harness.ts';
import { assertStatus } from './replies.ts';
import { createTestCloud, type TestApp } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, faults } = cloud;
const { home, tenants } = cloud.world;
const [, fabrikam] = tenants;
assert.ok(fabrikam);
const app = await useApp({ cloud, settings: { DEFENDER_TENANTS: fabrikam.id } });

const health = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  callerAuthentication: z.enum(['key', 'keyAndToken', 'token']),
  warnings: z.array(z.strictObject({ code: z.string(), detail: z.string(), nextStep: z.optional(z.string()) })),
  credential: z.strictObject({
    kind: z.literal('secret'),
    name: z.string(),
    version: z.optional(z.string()),
    createdAt: z.optional(z.iso.datetime()),
    expiresAt: z.optional(z.iso.datetime()),
    daysLeft: z.optional(z.int()),
  }),
  tenants: z.array(
    z.strictObject({
      tenantId: z.uuid(),
      state: z.enum(['home', 'pending', 'consented', 'revoked']),
      apis: z.array(
        z.strictObject({
          api: z.enum(['defenderXdr', 'defenderForEndpoint', 'graph']),
          steps: z.array(
            z.strictObject({
              name: z.enum(['managedIdentity', 'keyVault', 'token', 'permissions']),
              status: z.enum(['pass', 'warn', 'fail', 'skipped']),
              durationMs: z.int(),
              code: z.optional(z.string()),
              detail: z.optional(z.string()),
              nextStep: z.optional(z.string()),
            }),
          ),
          permissions: z.strictObject({ granted: z.array(z.string()), missing: z.array(z.string()) }),
        }),
      ),
    }),
  ),
});

async function check(httpStatus: number, { call }: Pick<TestApp, 'call'> = app) {
  const reply = await call('GET /health');
  assertStatus(reply, httpStatus);
  const {
    tenants: [atHome, customer],
    ...rest
  } = health.parse(reply.json);
  const defender = atHome?.apis.find(({ api }) => api === 'defenderXdr');
  const step = (name: string) => defender?.steps.find((each) => each.name === name);
  return { ...rest, atHome, customer, defender, step };
}

describe('health', () => {
  beforeEach(() => app.host.restart());

  it('is healthy when every step to a token works in every tenant', async () => {
    const { status, callerAuthentication, credential, atHome, customer } = await check(200);
    assert.deepEqual([status, callerAuthentication], ['healthy', 'key']);
    assert.partialDeepStrictEqual(credential, { kind: 'secret', name: 'defender-client-secret', daysLeft: 179 });
    assert.deepEqual([atHome?.tenantId, atHome?.state], [home.id, 'home']);
    assert.deepEqual([customer?.tenantId, customer?.state], [fabrikam.id, 'consented']);
    assert.deepEqual(
      atHome?.apis.map(({ api, steps }) => [api, ...steps.map((each) => `${each.name} ${each.status}`)]),
      [
        ['defenderXdr', 'managedIdentity pass', 'keyVault pass', 'token pass', 'permissions pass'],
        ['graph', 'managedIdentity pass', 'keyVault pass', 'token pass', 'permissions pass'],
        ['defenderForEndpoint', 'managedIdentity pass', 'keyVault pass', 'token pass', 'permissions pass'],
      ],
    );
  });

  it('repeats every step of the home tenant despite the cache', async () => {
    await check(200);
    calls.clear();
    administrator.disableSecret();
    const { status, step } = await check(503);
    assert.equal(status, 'unhealthy');
    assert.partialDeepStrictEqual(step('keyVault'), { status: 'fail', code: 'SecretDisabled' });
    administrator.rotateSecret();
    assert.equal((await check(200)).status, 'healthy');
  });

  it('is degraded while a permission is missing, which it names', async () => {
    administrator.revokeRole('defenderXdr', 'Incident.ReadWrite.All');
    const { status, step, defender } = await check(200);
    assert.equal(status, 'degraded');
    assert.deepEqual(defender?.permissions, {
      granted: ['AdvancedHunting.Read.All'],
      missing: ['Incident.ReadWrite.All'],
    });
    assert.partialDeepStrictEqual(step('permissions'), { status: 'warn', code: 'MissingPermission' });
    assert.match(step('permissions')?.nextStep ?? '', /Incident\.ReadWrite\.All/);
    administrator.grantRole('defenderXdr', 'Incident.ReadWrite.All');
    assert.equal((await check(200)).status, 'healthy');
  });

  it('names the permissions of alerts beside those of hunting', async () => {
    administrator.revokeRole('graph', 'SecurityAlert.ReadWrite.All');
    const { status, atHome } = await check(200);
    assert.equal(status, 'degraded');
    const graph = atHome?.apis.find(({ api }) => api === 'graph');
    assert.deepEqual(graph?.permissions.missing, ['SecurityAlert.ReadWrite.All']);
    administrator.grantRole('graph', 'SecurityAlert.ReadWrite.All');
  });

  it('names the permissions of the allowed machine actions only', async (t) => {
    const permissions = ['Machine.Isolate', 'Machine.Scan', 'Machine.Offboard'];
    for (const permission of permissions) administrator.revokeRole('defenderForEndpoint', permission);
    t.after(() => {
      for (const permission of permissions) administrator.grantRole('defenderForEndpoint', permission);
    });
    for (const [settings, missing] of [
      [{}, ['Machine.Isolate', 'Machine.Scan']],
      [{ DEFENDER_MACHINE_ACTIONS: 'Offboard,unrestrictCodeExecution' }, ['Machine.Offboard']],
      [{ DEFENDER_READ_ONLY: 'true' }, []],
    ] as const) {
      const other = await app.startBeside(settings);
      t.after(() => other.stop());
      const { atHome } = await check(200, other);
      const endpoint = atHome?.apis.find(({ api }) => api === 'defenderForEndpoint');
      assert.deepEqual(endpoint?.permissions.missing, missing);
    }
  });

  it('requires fewer permissions in read-only mode', async (t) => {
    administrator.revokeRole('defenderXdr', 'Incident.ReadWrite.All', home);
    administrator.grantRole('defenderXdr', 'Incident.Read.All');
    const readOnly = await app.startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => readOnly.stop());
    assert.equal((await check(200, readOnly)).status, 'healthy');
    administrator.grantRole('defenderXdr', 'Incident.ReadWrite.All');
  });

  it('is healthy in read-only mode with write permissions', async (t) => {
    administrator.revokeRole('defenderXdr', 'Incident.Read.All');
    const readOnly = await app.startBeside({ DEFENDER_READ_ONLY: 'true' });
    t.after(() => readOnly.stop());
    const { status, defender } = await check(200, readOnly);
    assert.deepEqual(defender?.permissions.missing, []);
    assert.equal(status, 'healthy');
  });

  it('is unhealthy without any permission in the home tenant', async () => {
    administrator.revokeAllRoles();
    const { status, step } = await check(503);
    assert.equal(status, 'unhealthy');
    assert.partialDeepStrictEqual(step('permissions'), { status: 'fail' });
    administrator.consent(home);
  });

  it('is unhealthy when the secret has expired, with the date and a next step', async () => {
    administrator.expireSecret();
    const { status, step, credential } = await check(503);
    assert.equal(status, 'unhealthy');
    assert.equal(credential.daysLeft, -1);
    assert.equal(step('keyVault')?.status, 'warn');
    assert.partialDeepStrictEqual(step('token'), { status: 'fail', code: 'AADSTS7000222' });
    assert.equal(step('permissions')?.status, 'skipped');
    assert.match(step('token')?.nextStep ?? '', /new client secret/);
    administrator.rotateSecret();
  });

  it('is degraded 30 days before the secret expires', async () => {
    administrator.setSecretExpiry(cloud.now() + 20.5 * 24 * 60 * 60_000);
    const { status, step, credential } = await check(200);
    assert.deepEqual([status, step('keyVault')?.status, credential.daysLeft], ['degraded', 'warn', 20]);
    administrator.rotateSecret();
  });

  it('names the failing step and skips those after it', async () => {
    const refused = json(400, { statusCode: 400, message: 'No identity.' });
    faults.add({ service: 'managedIdentity', effect: replyWith(refused) });
    const { step } = await check(503);
    assert.partialDeepStrictEqual(step('managedIdentity'), { status: 'fail' });
    assert.match(step('managedIdentity')?.nextStep ?? '', /Assign a managed identity/);
    assert.equal(step('keyVault')?.status, 'skipped');
    assert.equal(step('permissions')?.status, 'skipped');
  });

  it('is degraded when a customer has withdrawn consent', async () => {
    administrator.revokeConsent(fabrikam);
    const { status, customer } = await check(200);
    assert.equal(status, 'degraded');
    assert.equal(customer?.state, 'revoked');
    administrator.consent(fabrikam);
  });

  it('is degraded in a tenant without a Defender for Endpoint license', async () => {
    const resource = (body: string) => decodeURIComponent(body).includes('securitycenter');
    const missing = json(400, { error: 'invalid_resource', error_codes: [500011] });
    faults.add({ service: 'entra', match: ({ body }) => resource(body), effect: replyWith(missing) });
    const { status, atHome } = await check(200);
    assert.equal(status, 'degraded');
    const steps = atHome?.apis.find(({ api }) => api === 'defenderForEndpoint')?.steps;
    assert.deepEqual(steps?.find(({ name }) => name === 'token')?.status, 'warn');
  });
});
