import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startApp } from './harness.ts';
import { assertStatus } from './replies.ts';
import { createTestCloud, type TestApp } from './test-app.ts';

/** Every host that was called, and every resource that a token was asked for. */
async function askEverything({ call, cloud }: TestApp): Promise<{ hosts: string[]; resources: string[] }> {
  assertStatus(await call('GET /incidents?top=1'), 200);
  assertStatus(await call('POST /hunting', { json: { query: 'AlertInfo | count' } }), 200);
  assertStatus(await call('GET /machines?top=1'), 200);
  assertStatus(await call('GET /health'), 200);
  const hosts = cloud.calls.all.map(({ url }) => new URL(url).hostname);
  const resources = cloud.calls.all.flatMap(({ service, url, body }) => {
    if (service === 'managedIdentity') return new URL(url).searchParams.get('resource') ?? [];
    return String(body?.scope ?? '').split('/.default')[0] || [];
  });
  return { hosts: [...new Set(hosts)].sort(), resources: [...new Set(resources)].sort() };
}

describe('DEFENDER_CLOUD', { concurrency: true }, () => {
  for (const [nationalCloud, login, vaultDomain, defender, endpoint, graph] of [
    [
      'public',
      'login.microsoftonline.com',
      'vault.azure.net',
      'api.security.microsoft.com',
      'api.securitycenter.microsoft.com',
      'graph.microsoft.com',
    ],
    [
      'gcc',
      'login.microsoftonline.com',
      'vault.azure.net',
      'api-gcc.security.microsoft.us',
      'api-gcc.securitycenter.microsoft.us',
      'graph.microsoft.com',
    ],
    [
      'gccHigh',
      'login.microsoftonline.us',
      'vault.usgovcloudapi.net',
      'api-gov.security.microsoft.us',
      'api-gov.securitycenter.microsoft.us',
      'graph.microsoft.us',
    ],
    [
      'dod',
      'login.microsoftonline.us',
      'vault.usgovcloudapi.net',
      'api-gov.security.microsoft.us',
      'api-gov.securitycenter.microsoft.us',
      'dod-graph.microsoft.us',
    ],
  ] as const) {
    it(`selects authority, hosts and resources together: ${nationalCloud}`, async (t) => {
      const cloud = createTestCloud({ nationalCloud });
      const app = await startApp({ cloud, settings: { DEFENDER_CLOUD: nationalCloud } });
      t.after(() => app.stop());
      const { hosts, resources } = await askEverything(app);
      // The older host of Defender for Endpoint is called only where Defender's own does not answer for it.
      const called = nationalCloud === 'public' ? [defender] : [defender, endpoint];
      assert.deepEqual(hosts, ['127.0.0.1', login, `contoso-defender.${vaultDomain}`, ...called, graph].sort());
      assert.deepEqual(resources, [vaultDomain, defender, endpoint, graph].map((host) => `https://${host}`).sort());
    });
  }
});

describe('DEFENDER_REGION', () => {
  it('prefixes the API hosts and leaves the token resources unchanged', async (t) => {
    const app = await startApp({ settings: { DEFENDER_REGION: 'eu' } });
    t.after(() => app.stop());
    const { hosts, resources } = await askEverything(app);
    assert.deepEqual(hosts, [
      '127.0.0.1',
      'contoso-defender.vault.azure.net',
      'eu.api.security.microsoft.com',
      'graph.microsoft.com',
      'login.microsoftonline.com',
    ]);
    assert.deepEqual(resources, [
      'https://api.security.microsoft.com',
      'https://api.securitycenter.microsoft.com',
      'https://graph.microsoft.com',
      'https://vault.azure.net',
    ]);
  });
});
