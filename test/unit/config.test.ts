import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudEndpoints } from '../../shared/clouds.ts';
import { type Environment, machineActionTypes, parseConfig } from '../../shared/config.ts';
import { ConfigError, type InputError } from '../../shared/errors.ts';
import { clientId, homeTenantId, settings } from './settings.ts';

const vaultUrl = 'https://contoso.vault.azure.net';
const customerId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

function mistakesIn(environment: Environment): InputError[] {
  try {
    parseConfig(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.errors;
  }
  return [];
}

const wrongNames = (changes: Environment): string[] => mistakesIn({ ...settings, ...changes }).map(({ name }) => name);

test('three settings are enough, and the rest have defaults', () => {
  assert.deepEqual(parseConfig(settings), {
    homeTenantId,
    clientId,
    configuredTenants: [],
    cloud: cloudEndpoints('public', undefined),
    credential: { kind: 'secret', vaultUrl, name: 'defender-client-secret' },
    webhookSecret: undefined,
    stateKey: undefined,
    managedIdentityClientId: undefined,
    hasIdentityEndpoint: false,
    huntingApi: 'graph',
    isReadOnly: false,
    machineActions: machineActionTypes.filter((type) => type !== 'offboard'),
    upstreamTimeoutMs: 30_000,
    callbackHosts: ['*.logic.azure.com'],
    syncOverlapMs: 600_000,
    storage: undefined,
  });
});

test('every setting is read', () => {
  const config = parseConfig({
    ...settings,
    KEY_VAULT_URL: `${vaultUrl}/`,
    DEFENDER_TENANTS: `${customerId}, Fabrikam.com`,
    DEFENDER_CLOUD: 'gccHigh',
    DEFENDER_CREDENTIAL: 'secret',
    DEFENDER_CLIENT_SECRET_NAME: 'other-secret',
    WEBHOOK_SECRET_NAME: 'webhook',
    STATE_KEY_NAME: 'state-key',
    DEFENDER_HUNTING_API: 'xdr',
    DEFENDER_READ_ONLY: 'true',
    DEFENDER_MACHINE_ACTIONS: 'Offboard, ISOLATE,isolate',
    AZURE_CLIENT_ID: customerId.toUpperCase(),
    UPSTREAM_TIMEOUT_SECONDS: '45',
    CHECK_CREDENTIALS_SCHEDULE: '0 30 * * * *',
    CALLBACK_HOSTS: 'Hooks.Contoso.com., *.bücher.example',
    SYNC_OVERLAP_MINUTES: '0',
    IDENTITY_ENDPOINT: 'http://127.0.0.1:41932/msi/token',
    AzureWebJobsStorage__accountName: 'contoso',
  });
  assert.deepEqual(config, {
    homeTenantId,
    clientId,
    configuredTenants: [customerId, 'fabrikam.com'],
    cloud: cloudEndpoints('gccHigh', undefined),
    credential: { kind: 'secret', vaultUrl, name: 'other-secret' },
    webhookSecret: { vaultUrl, name: 'webhook' },
    stateKey: { vaultUrl, name: 'state-key' },
    managedIdentityClientId: customerId,
    hasIdentityEndpoint: true,
    huntingApi: 'xdr',
    isReadOnly: true,
    machineActions: ['isolate', 'offboard'],
    upstreamTimeoutMs: 45_000,
    callbackHosts: ['hooks.contoso.com', '*.xn--bcher-kva.example'],
    syncOverlapMs: 0,
    storage: {
      tableUrl: 'https://contoso.table.core.usgovcloudapi.net',
      queueUrl: 'https://contoso.queue.core.usgovcloudapi.net',
      blobUrl: 'https://contoso.blob.core.usgovcloudapi.net',
      authorization: { kind: 'identity', clientId: undefined },
    },
  });
});

test('a certificate is looked for in Key Vault under its own name', () => {
  const certificate = { ...settings, DEFENDER_CREDENTIAL: 'certificate', DEFENDER_CLIENT_SECRET_NAME: 'not-this-one' };
  assert.deepEqual(parseConfig(certificate).credential, {
    kind: 'certificate',
    vaultUrl,
    name: 'defender-client-certificate',
  });
  assert.deepEqual(parseConfig({ ...certificate, DEFENDER_CERTIFICATE_NAME: 'other' }).credential, {
    kind: 'certificate',
    vaultUrl,
    name: 'other',
  });
});

for (const kind of ['federated', 'managedIdentity'] as const) {
  test(`${kind} needs no Key Vault`, () => {
    const { KEY_VAULT_URL: _, ...withoutVault } = settings;
    const config = parseConfig({ ...withoutVault, DEFENDER_CREDENTIAL: kind.toUpperCase() });
    assert.deepEqual(config.credential, { kind });
  });
}

test('a region goes into the cloud', () => {
  const { cloud } = parseConfig({ ...settings, DEFENDER_REGION: 'eu' });
  assert.deepEqual(cloud, cloudEndpoints('public', 'eu'));
});

test('a setting that is blank counts as absent', () => {
  const blank = { DEFENDER_CLOUD: '', DEFENDER_TENANTS: '  ', AZURE_CLIENT_ID: '', UPSTREAM_TIMEOUT_SECONDS: ' ' };
  assert.deepEqual(parseConfig({ ...settings, ...blank }), parseConfig(settings));
  assert.deepEqual(mistakesIn({ ...settings, KEY_VAULT_URL: ' ' }), [
    { in: 'setting', name: 'KEY_VAULT_URL', detail: 'is required' },
  ]);
});

test('choices may be written in any case', () => {
  const config = parseConfig({
    ...settings,
    DEFENDER_CLOUD: 'GCCHIGH',
    DEFENDER_HUNTING_API: 'XDR',
    DEFENDER_READ_ONLY: 'True',
  });
  assert.deepEqual(config.cloud, cloudEndpoints('gccHigh', undefined));
  assert.equal(config.huntingApi, 'xdr');
  assert.equal(config.isReadOnly, true);
});

test('the home tenant need not be a customer of itself', () => {
  const { configuredTenants } = parseConfig({
    ...settings,
    DEFENDER_TENANTS: `${homeTenantId.toUpperCase()},fabrikam.com,`,
  });
  assert.deepEqual(configuredTenants, ['fabrikam.com']);
});

for (const name of ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_FEDERATED_TOKEN_FILE']) {
  test(`${name} says that the platform offers an identity`, () => {
    assert.equal(parseConfig({ ...settings, [name]: 'something' }).hasIdentityEndpoint, true);
    assert.equal(parseConfig({ ...settings, [name]: '' }).hasIdentityEndpoint, false);
  });
}

test('all mistakes are reported at once', () => {
  const names = mistakesIn({
    DEFENDER_TENANT_ID: 'contoso.com',
    KEY_VAULT_URL: 'http://contoso.vault.azure.net',
    DEFENDER_TENANTS: 'fabrikam.com,not a tenant',
    DEFENDER_CLOUD: 'moon',
    DEFENDER_CREDENTIAL: 'password',
    DEFENDER_CLIENT_SECRET_NAME: 'a/b',
    DEFENDER_HUNTING_API: 'both',
    DEFENDER_READ_ONLY: 'yes',
    DEFENDER_MACHINE_ACTIONS: 'isolate,reboot',
    AZURE_CLIENT_ID: 'system',
    UPSTREAM_TIMEOUT_SECONDS: '0',
    CHECK_CREDENTIALS_SCHEDULE: 'hourly',
  }).map(({ name }) => name);
  assert.deepEqual(names.sort(), [
    'AZURE_CLIENT_ID',
    'CHECK_CREDENTIALS_SCHEDULE',
    'DEFENDER_CLIENT_ID',
    'DEFENDER_CLIENT_SECRET_NAME',
    'DEFENDER_CLOUD',
    'DEFENDER_CREDENTIAL',
    'DEFENDER_HUNTING_API',
    'DEFENDER_MACHINE_ACTIONS',
    'DEFENDER_READ_ONLY',
    'DEFENDER_TENANTS',
    'DEFENDER_TENANT_ID',
    'KEY_VAULT_URL',
    'UPSTREAM_TIMEOUT_SECONDS',
  ]);
});

test('a mistake is told by name and never by value', () => {
  const secret = 'pasted-by-accident';
  const wrong = Object.fromEntries(
    [...Object.keys(settings), 'DEFENDER_CLOUD', 'AZURE_CLIENT_ID'].map((name) => [name, secret]),
  );
  assert.throws(
    () => parseConfig(wrong),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.errors.length, 5);
      assert.doesNotMatch(JSON.stringify(error.errors) + error.stack, new RegExp(secret));
      return true;
    },
  );
});

test('an upstream timeout is 1 to 230 whole seconds', () => {
  for (const good of ['1', '99', '100', '230']) assert.deepEqual(wrongNames({ UPSTREAM_TIMEOUT_SECONDS: good }), []);
  for (const bad of ['0', '231', '1.5', '-1', '030', '1e2']) {
    assert.deepEqual(wrongNames({ UPSTREAM_TIMEOUT_SECONDS: bad }), ['UPSTREAM_TIMEOUT_SECONDS'], bad);
  }
});

test('a region is for the public cloud only', () => {
  assert.deepEqual(wrongNames({ DEFENDER_REGION: 'us', DEFENDER_CLOUD: 'Public' }), []);
  assert.deepEqual(wrongNames({ DEFENDER_REGION: 'us', DEFENDER_CLOUD: 'gcc' }), ['DEFENDER_REGION']);
});

test('a region cannot smuggle another host in', () => {
  for (const bad of ['evil.com/', 'us.', 'x@y', 'a#'])
    assert.deepEqual(wrongNames({ DEFENDER_REGION: bad }), ['DEFENDER_REGION']);
});

test('a schedule has five or six fields', () => {
  for (const good of ['*/5 * * * *', '0 */5 * * * *'])
    assert.deepEqual(wrongNames({ CHECK_CREDENTIALS_SCHEDULE: good }), []);
  for (const bad of ['* * * *', '* * * * * * *']) {
    assert.deepEqual(wrongNames({ CHECK_CREDENTIALS_SCHEDULE: bad }), ['CHECK_CREDENTIALS_SCHEDULE']);
  }
});
