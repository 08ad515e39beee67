import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertStatus, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const [, fabrikam] = cloud.world.tenants;
assert.ok(fabrikam);
const publicUrl = 'https://contoso.azure-api.net/defender';
const app = await useApp({ cloud, hasStorage: true, settings: { PUBLIC_URL: publicUrl } });
const { call } = app;
const machineId = cloud.securityOf(cloud.world.home.id).machines[0]?.id;
const hostile = { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' } };

const below = (url: unknown) => {
  assert.ok(typeof url === 'string' && url.startsWith(`${publicUrl}/`), String(url));
  return url.slice(publicUrl.length);
};

describe('PUBLIC_URL', () => {
  it('is the base of nextLink, which works behind it', async () => {
    const first = pageOf(await call('GET /incidents?top=5', hostile));
    const next = below(first.nextLink);
    const second = pageOf(await call(`GET ${next}`, hostile));
    assert.equal(second.value.length, 5);
    assert.notDeepEqual(second.value, first.value);
  });

  for (const [request, json] of [
    [`POST /machines/${machineId}/actions`, { type: 'isolate', comment: 'x' }],
    ['POST /subscriptions', { callbackUrl: 'https://prod-1.westeurope.logic.azure.com/x' }],
    ['POST /hunts', { name: 'x', query: 'AlertInfo', schedule: '0 0 * * * *' }],
    ['POST /hunting', { query: 'AlertInfo' }],
  ] as const) {
    it(`is the base of Location: ${request.replace(String(machineId), '{machineId}')}`, async () => {
      const headers = { ...hostile.headers, prefer: 'respond-async' };
      const location = below((await call(request, { json, headers })).headers.get('location'));
      assert.ok([200, 202].includes((await call(`GET ${location}`)).status), location);
    });
  }

  it('is the base of the Location of a polling trigger', async () => {
    assertStatus(await call(`GET ${below((await call('GET /triggers/incidents')).headers.get('location'))}`), 202);
  });

  it('is the base of the consent redirect', async () => {
    const invited = await call('POST /tenants', { json: { tenantId: fabrikam.id }, ...hostile });
    const { consentUrl } = invited.json as { consentUrl: string };
    assert.equal(new URL(consentUrl).searchParams.get('redirect_uri'), `${publicUrl}/tenants/consent`);
  });

  it('is the server in the API documents', async () => {
    const openApi = (await call('GET /openapi.json', hostile)).json as { servers: { url: string }[] };
    assert.deepEqual(openApi.servers, [{ url: publicUrl }]);
    const swagger = (await call('GET /swagger.json', hostile)).json as Record<string, unknown>;
    assert.deepEqual(
      [swagger.host, swagger.basePath, swagger.schemes],
      ['contoso.azure-api.net', '/defender', ['https']],
    );
  });

  it('is not replaced by the host of a replayed response', async () => {
    const act = () =>
      call(`POST /machines/${machineId}/actions`, {
        json: { type: 'runAntiVirusScan', comment: 'x' },
        headers: { ...hostile.headers, 'idempotency-key': 'once' },
      });
    const [first, second] = [await act(), await act()];
    below(first.headers.get('location'));
    assert.equal(second.headers.get('location'), first.headers.get('location'));
  });
});
