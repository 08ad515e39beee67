import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import * as z from 'zod/mini';
import type { Cloud } from '../sandbox/cloud.ts';
import { startApp } from './harness.ts';
import { assertProblem, assertStatus, huntOf, pageOf } from './replies.ts';
import { createTestCloud, type TestApp } from './test-app.ts';

const dayMs = 24 * 60 * 60_000;

interface Scene extends TestApp {
  /** The customer that is served beside the home tenant. */
  customerId: string;
}

/** The app with the credential that the settings name, in a cloud that was arranged for it. */
async function createScene(
  t: TestContext,
  settings: Record<string, string>,
  arrange: (cloud: Cloud) => unknown = () => {},
): Promise<Scene> {
  const cloud = createTestCloud();
  await arrange(cloud);
  const customerId = cloud.world.tenants[1]?.id ?? assert.fail('The sandbox has no customer');
  const app = await startApp({ cloud, settings: { DEFENDER_TENANTS: customerId, ...settings } });
  t.after(() => app.stop());
  return { ...app, customerId };
}

const useCertificate = { DEFENDER_CREDENTIAL: 'certificate' };
const useFederation = (cloud: Cloud) => ({
  DEFENDER_CREDENTIAL: 'federated',
  AZURE_CLIENT_ID: cloud.world.userAssignedIdentity.clientId,
  KEY_VAULT_URL: '',
});
/** The identifiers are the same in every sandbox. */
const federated = useFederation(createTestCloud());
const useIdentity = { DEFENDER_CREDENTIAL: 'managedIdentity', KEY_VAULT_URL: '' };

const tokenCallsOf = ({ calls }: Cloud) => calls.of('entra').filter(({ path }) => path.endsWith('/token'));

const health = z.object({
  status: z.string(),
  credential: z.record(z.string(), z.unknown()),
  tenants: z.array(
    z.object({ apis: z.array(z.object({ steps: z.array(z.object({ name: z.string(), status: z.string() })) })) }),
  ),
});

async function checkHealth({ call }: TestApp) {
  const { status, credential, tenants } = health.parse((await call('GET /health')).json);
  const steps = tenants[0]?.apis[0]?.steps.map(({ name, status: outcome }) => `${name} ${outcome}`);
  return { status, credential, steps };
}

const inAllContexts: [string, Record<string, string>, (cloud: Cloud) => unknown][] = [
  ['a secret', {}, () => {}],
  ['a certificate as PEM', useCertificate, ({ administrator }) => administrator.rotateCertificate()],
  [
    'a certificate as PKCS #12',
    useCertificate,
    ({ administrator }) => administrator.rotateCertificate({ format: 'pkcs12' }),
  ],
  ['a federated credential', federated, ({ administrator }) => administrator.federate()],
];

describe('a client credential', () => {
  for (const [what, settings, arrange] of inAllContexts) {
    it(`serves the application, users and customers: ${what}`, async (t) => {
      const { call, cloud, customerId } = await createScene(t, settings, arrange);
      const { home, tenants } = cloud.world;
      for (const tenantId of [home.id, customerId]) {
        const user = tenants.find(({ id }) => id === tenantId)?.users[0];
        assert.ok(user);
        const asUser = { authorization: `Bearer ${await cloud.signIn(user)}` };
        for (const headers of [{}, asUser]) {
          pageOf(await call(`GET /incidents?top=1&tenantId=${tenantId}`, { headers }));
          huntOf(await call(`POST /hunting?tenantId=${tenantId}`, { headers, json: { query: 'AlertInfo | count' } }));
        }
      }
      assert.deepEqual(
        tokenCallsOf(cloud).map(({ status }) => status),
        Array.from({ length: 8 }, () => 200),
      );
    });
  }
});

describe('a certificate', () => {
  it('is sent with its chain and signs the assertion, also for a user', async (t) => {
    const { call, cloud } = await createScene(t, useCertificate, (made) => made.administrator.rotateCertificate());
    const headers = { authorization: `Bearer ${await cloud.signIn(cloud.world.home.users[0])}` };
    pageOf(await call('GET /incidents?top=1'));
    pageOf(await call('GET /incidents?top=1', { headers }));
    const assertions = tokenCallsOf(cloud).map(({ clientAssertion }) => clientAssertion);
    assert.equal(assertions.length, 2);
    for (const assertion of assertions) {
      assert.equal(assertion?.header.alg, 'PS256');
      assert.ok(Array.isArray(assertion.header.x5c) && assertion.header.x5c.length === 2);
    }
  });

  it('is read again once after a rotation, without a restart', async (t) => {
    const { call, cloud, customerId } = await createScene(t, useCertificate, ({ administrator }) =>
      administrator.rotateCertificate(),
    );
    pageOf(await call('GET /incidents?top=1'));
    await cloud.administrator.rotateCertificate({ format: 'pkcs12' });
    cloud.calls.clear();
    pageOf(await call(`GET /incidents?top=1&tenantId=${customerId}`));
    assert.deepEqual(
      tokenCallsOf(cloud).map(({ status }) => status),
      [401, 200],
    );
    assert.equal(cloud.calls.count('keyVault'), 2);
  });

  it('is reported while it is in Key Vault but not on the application', async (t) => {
    const { call, cloud } = await createScene(t, useCertificate);
    const certificate = await cloud.administrator.createCertificate();
    const { upstream, nextStep } = assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
    assert.equal(upstream?.code, 'AADSTS700027');
    assert.match(nextStep ?? '', /Upload the certificate/);
    cloud.administrator.registerCertificate(certificate);
    pageOf(await call('GET /incidents?top=1'));
  });

  it('is reported with a next step when its private key is missing or malformed', async (t) => {
    const { call, cloud } = await createScene(t, useCertificate);
    const missing = assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
    assert.equal(missing.upstream?.code, 'SecretNotFound');
    assert.match(missing.nextStep ?? '', /DEFENDER_CERTIFICATE_NAME/);
    await cloud.administrator.createCertificate({ format: 'withoutKey' });
    const keyless = assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
    assert.match(keyless.detail, /no private key/);
    cloud.administrator.putSecret('defender-client-certificate', 'nonsense', 'application/x-pkcs12');
    const nonsense = assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
    assert.match(nonsense.detail, /neither PEM nor PKCS #12/);
    assert.ok(nonsense.nextStep);
  });

  it('appears in health with version and expiration, and is warned of before it expires', async (t) => {
    const scene = await createScene(t, { ...useCertificate, DEFENDER_TENANTS: '' }, ({ administrator, now }) =>
      administrator.rotateCertificate({ expiresAt: now() + 90.5 * dayMs }),
    );
    const well = await checkHealth(scene);
    assert.deepEqual(
      [well.status, well.credential.kind, well.credential.name, well.credential.daysLeft],
      ['healthy', 'certificate', 'defender-client-certificate', 90],
    );
    assert.ok(well.credential.version && well.credential.createdAt && well.credential.expiresAt);
    const { cloud, host } = scene;
    await cloud.administrator.rotateCertificate({ expiresAt: cloud.now() + 10.5 * dayMs });
    const { status, steps } = await checkHealth(scene);
    assert.equal(status, 'degraded');
    assert.deepEqual(steps, ['managedIdentity pass', 'keyVault warn', 'token pass', 'permissions pass']);
    await host.runFunction('checkCredentials');
    assert.ok(host.logs.some((line) => /certificate defender-client-certificate expires in 10 days/.test(line)));
  });
});

describe('a federated credential', () => {
  for (const [nationalCloud, audience] of [
    ['public', 'api://AzureADTokenExchange'],
    ['gcc', 'api://AzureADTokenExchange'],
    ['gccHigh', 'api://AzureADTokenExchangeUSGov'],
    ['dod', 'api://AzureADTokenExchangeUSGov'],
  ] as const) {
    it(`requests one assertion for the audience of its cloud: ${nationalCloud}`, async (t) => {
      const cloud = createTestCloud({ nationalCloud });
      cloud.administrator.federate();
      const customers = cloud.world.tenants.filter(({ id }) => id !== cloud.world.home.id);
      const settings = {
        ...useFederation(cloud),
        DEFENDER_CLOUD: nationalCloud,
        DEFENDER_TENANTS: customers.map(({ id }) => id).join(','),
      };
      const { call, stop } = await startApp({ cloud, settings });
      t.after(stop);
      const consented = customers.filter(({ servicePrincipals }) =>
        servicePrincipals.has(cloud.world.application.clientId),
      );
      const replies = await Promise.all(consented.map(({ id }) => call(`GET /incidents?top=1&tenantId=${id}`)));
      for (const reply of replies) assertStatus(reply, 200);
      const asked = cloud.calls.of('managedIdentity').map(({ url }) => new URL(url).searchParams.get('resource'));
      assert.deepEqual(asked, [audience]);
      assert.equal(cloud.calls.count('keyVault'), 0);
    });
  }

  it('is reported with the values to compare when the application does not know it', async (t) => {
    const { call, cloud } = await createScene(t, federated);
    for (const [arrange, code] of [
      [() => {}, 'AADSTS70021'],
      [() => cloud.administrator.federate({ subject: crypto.randomUUID() }), 'AADSTS700213'],
    ] as const) {
      arrange();
      const { upstream, nextStep } = assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
      assert.equal(upstream?.code, code);
      assert.match(nextStep ?? '', /federated credential .*AZURE_CLIENT_ID/);
    }
    cloud.administrator.federate();
    pageOf(await call('GET /incidents?top=1'));
  });

  it('needs no Key Vault, and health reports that', async (t) => {
    const settings = { ...federated, DEFENDER_TENANTS: '' };
    const scene = await createScene(t, settings, ({ administrator }) => administrator.federate());
    const { status, credential, steps } = await checkHealth(scene);
    assert.deepEqual([status, credential], ['healthy', { kind: 'federated' }]);
    assert.deepEqual(steps, ['managedIdentity pass', 'keyVault skipped', 'token pass', 'permissions pass']);
  });
});

describe('a managed identity as the credential', () => {
  const arrange = ({ administrator, world }: Cloud) => administrator.grantIdentity(world.systemAssignedIdentity);

  it('calls Defender with its own token, without a call to Entra', async (t) => {
    const { call, cloud } = await createScene(t, useIdentity, arrange);
    pageOf(await call('GET /incidents?top=1'));
    huntOf(await call('POST /hunting', { json: { query: 'AlertInfo | count' } }));
    assert.equal(cloud.calls.count('entra') + cloud.calls.count('keyVault'), 0);
    const [asked] = cloud.calls.of('defenderXdr');
    assert.equal(asked?.claims?.appid, cloud.world.systemAssignedIdentity.clientId);
  });

  it('serves only the home tenant in application context', async (t) => {
    const { call, cloud, customerId } = await createScene(t, useIdentity, arrange);
    const headers = { authorization: `Bearer ${await cloud.signIn(cloud.world.home.users[0])}` };
    for (const reply of [
      await call(`GET /incidents?tenantId=${customerId}`),
      await call(`GET /incidents?tenantId=${crypto.randomUUID()}`),
      await call('GET /incidents', { headers }),
    ]) {
      const { nextStep } = assertProblem(reply, 400, 'ContextNotSupported');
      assert.match(nextStep ?? '', /federated/);
    }
    assert.equal(cloud.calls.count('managedIdentity'), 0);
    pageOf(await call(`GET /incidents?top=1&tenantId=${cloud.world.home.domain}`));
  });

  it('is reported with its missing permissions, also in health', async (t) => {
    const scene = await createScene(t, useIdentity);
    const { detail, nextStep } = assertProblem(await scene.call('GET /incidents'), 403, 'MissingPermission');
    assert.match(detail, /Incident\.Read\.All/);
    assert.match(nextStep ?? '', /managed identity/);
    const poor = await checkHealth(scene);
    assert.deepEqual(poor.steps, ['managedIdentity pass', 'keyVault skipped', 'token pass', 'permissions fail']);
    arrange(scene.cloud);
    await scene.host.restart();
    const { status, credential } = await checkHealth(scene);
    assert.deepEqual([status, credential], ['healthy', { kind: 'managedIdentity' }]);
  });

  it('needs an identity endpoint', async (t) => {
    const { call, cloud } = await createScene(t, useIdentity, arrange);
    cloud.administrator.removeIdentities();
    const { upstream } = assertProblem(await call('GET /incidents'), 503, 'CredentialUnavailable');
    assert.equal(upstream?.service, 'managedIdentity');
  });
});
