import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCaller } from './caller.ts';

const tailspin = 'tailspin.onmicrosoft.com';
const callback = 'https://func-defender.azurewebsites.net/api/tenants/consent';

/** A cloud whose consent page is opened by a browser that does not follow the way back. */
function createScene() {
  const caller = createCaller();
  const { application, tenants } = caller.cloud.world;
  const tenant = tenants.find(({ domain }) => domain === tailspin);
  assert.ok(tenant);

  async function open(changes: Record<string, string> = {}, path = `${tailspin}/adminconsent`) {
    const query = { client_id: application.clientId, redirect_uri: callback, state: 's t&1', ...changes };
    const url = `https://login.microsoftonline.com/${path}?${new URLSearchParams(query)}`;
    const reply = await caller.cloud.handle({ method: 'GET', url, headers: {}, body: '' });
    assert.ok(!('broken' in reply));
    const { status, headers, body } = reply;
    return { status, location: headers.location ?? '', body: body.toString() };
  }

  return { ...caller, tenant, open };
}

function outcomeOf(location: string) {
  return Object.fromEntries(new URL(location).searchParams);
}

describe('the page for admin consent', () => {
  it('grants consent in the tenant and sends the browser back with its id', async () => {
    const { open, requestToken, tenant } = createScene();
    assert.equal((await requestToken({}, tenant.id)).status, 401);
    const { status, location } = await open();
    assert.equal(status, 302);
    assert.ok(location.startsWith(`${callback}?`));
    assert.deepEqual(outcomeOf(location), { tenant: tenant.id, state: 's t&1', admin_consent: 'True' });
    assert.equal((await requestToken({}, tenant.id)).status, 200);
  });

  it('returns the requested scope, as version 2 does', async () => {
    const { open, tenant } = createScene();
    const scope = 'https://graph.microsoft.com/.default';
    const { location } = await open({ scope }, `${tenant.id}/v2.0/adminconsent`);
    assert.equal(outcomeOf(location).scope, scope);
  });

  it('redirects to this machine over plain HTTP too, and keeps a query', async () => {
    const { location } = await createScene().open({ redirect_uri: 'http://localhost:7071/api/tenants/consent?a=b' });
    assert.match(location, /^http:\/\/localhost:7071\/api\/tenants\/consent\?a=b&tenant=/);
  });

  it('reports that the administrator declined and grants nothing, until they accept', async () => {
    const { open, requestToken, tenant, cloud } = createScene();
    for (const refusal of ['access_denied', 'permission_denied'] as const) {
      cloud.administrator.declineConsent(tenant, refusal);
      const { error, error_description, ...others } = outcomeOf((await open()).location);
      assert.equal(error, refusal);
      assert.ok(error_description);
      assert.deepEqual(others, { state: 's t&1' });
    }
    assert.equal((await requestToken({}, tenant.id)).status, 401);
    cloud.administrator.allowConsent(tenant);
    assert.equal(outcomeOf((await open()).location).admin_consent, 'True');
  });

  const refusals: readonly [what: string, code: number, changes: Record<string, string>, path?: string][] = [
    ['an unknown tenant', 90002, {}, 'nowhere.example/adminconsent'],
    ['an unknown application', 700016, { client_id: 'f00' }],
    ['no redirect URI', 900144, { redirect_uri: '' }],
    ['a relative redirect URI', 50011, { redirect_uri: '/api/tenants/consent' }],
    ['plain HTTP to another machine', 50011, { redirect_uri: 'http://func-defender.azurewebsites.net/' }],
  ];
  for (const [what, code, changes, path] of refusals) {
    it(`rejects ${what} with AADSTS${code}, without a redirect`, async () => {
      const { status, location, body } = await createScene().open(changes, path);
      assert.equal(status, 400);
      assert.equal(location, '');
      assert.deepEqual(JSON.parse(body).error_codes, [code]);
    });
  }
});
