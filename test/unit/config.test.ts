import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cloudEndpoints } from '../../shared/clouds.ts';
import { parseConfig } from '../../shared/config.ts';
import { machineActionTypes } from '../../shared/settings.ts';
import { clientId, homeTenantId, settingErrors, settings } from './settings.ts';

const vaultUrl = 'https://contoso.vault.azure.net';
const customerId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

describe('parseConfig', () => {
  it('needs three settings and has defaults for all others', () => {
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
      publicUrl: undefined,
      callbackHosts: ['*.logic.azure.com', '*.environment.api.powerplatform.com'],
      callerAuthentication: 'key',
      appIdUris: [],
      webhookCommands: ['incident.update', 'machine.action', 'indicator.submit'],
      hasPlatformAuthentication: false,
      syncOverlapMs: 600_000,
      storage: undefined,
    });
  });

  it('reads every setting', () => {
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
      PUBLIC_URL: 'https://Defender.contoso.com/soc/',
      CALLBACK_HOSTS: 'Hooks.Contoso.com., *.bücher.example',
      SYNC_OVERLAP_MINUTES: '0',
      CALLER_AUTHENTICATION: 'token',
      APP_ID_URIS: 'api://contoso.com/defender',
      WEBHOOK_COMMANDS: 'incident.update',
      WEBSITE_AUTH_ENABLED: 'True',
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
      publicUrl: 'https://defender.contoso.com/soc',
      callbackHosts: ['hooks.contoso.com', '*.xn--bcher-kva.example'],
      callerAuthentication: 'token',
      appIdUris: ['api://contoso.com/defender'],
      webhookCommands: ['incident.update'],
      hasPlatformAuthentication: true,
      syncOverlapMs: 0,
      storage: {
        tableUrl: 'https://contoso.table.core.usgovcloudapi.net',
        queueUrl: 'https://contoso.queue.core.usgovcloudapi.net',
        blobUrl: 'https://contoso.blob.core.usgovcloudapi.net',
        authorization: { kind: 'identity', clientId: undefined },
      },
    });
  });

  it('reads the name of a certificate from DEFENDER_CERTIFICATE_NAME', () => {
    const certificate = {
      ...settings,
      DEFENDER_CREDENTIAL: 'certificate',
      DEFENDER_CLIENT_SECRET_NAME: 'not-this-one',
    };
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
    it(`needs no Key Vault with ${kind}`, () => {
      const { KEY_VAULT_URL: _, ...withoutVault } = settings;
      const config = parseConfig({ ...withoutVault, DEFENDER_CREDENTIAL: kind.toUpperCase() });
      assert.deepEqual(config.credential, { kind });
    });
  }

  it('applies the region to the API hosts', () => {
    const { cloud } = parseConfig({ ...settings, DEFENDER_REGION: 'eu' });
    assert.deepEqual(cloud, cloudEndpoints('public', 'eu'));
  });

  it('treats a blank setting as absent', () => {
    const blank = { DEFENDER_CLOUD: '', DEFENDER_TENANTS: '  ', AZURE_CLIENT_ID: '', UPSTREAM_TIMEOUT_SECONDS: ' ' };
    assert.deepEqual(parseConfig({ ...settings, ...blank }), parseConfig(settings));
    assert.deepEqual(settingErrors({ ...settings, KEY_VAULT_URL: ' ' }), [
      { in: 'setting', name: 'KEY_VAULT_URL', detail: 'is required' },
    ]);
  });

  it('accepts choices in any case', () => {
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

  it('drops the home tenant from the customer tenants', () => {
    const { configuredTenants } = parseConfig({
      ...settings,
      DEFENDER_TENANTS: `${homeTenantId.toUpperCase()},fabrikam.com,`,
    });
    assert.deepEqual(configuredTenants, ['fabrikam.com']);
  });

  for (const name of ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_FEDERATED_TOKEN_FILE']) {
    it(`detects an identity endpoint by ${name}`, () => {
      assert.equal(parseConfig({ ...settings, [name]: 'something' }).hasIdentityEndpoint, true);
      assert.equal(parseConfig({ ...settings, [name]: '' }).hasIdentityEndpoint, false);
    });
  }
});
