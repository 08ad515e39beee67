import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Administrator } from '../../sandbox/administrator.ts';
import { createCaller, read } from './caller.ts';

interface Refusal {
  readonly what: string;
  readonly status: number;
  readonly error: string;
  readonly code: number;
  readonly form?: Record<string, string | undefined>;
  readonly tenant?: string;
  readonly before?: (by: Administrator) => void;
}

describe('the token endpoint', () => {
  it('issues a signed token with audience, tenant, application and granted roles', async () => {
    const { requestToken, send, cloud } = createCaller();
    const { status, body } = await requestToken({}, 'contoso.onmicrosoft.com');
    assert.equal(status, 200);
    assert.equal(read(body, 'expires_in'), 3599);
    const tenant = cloud.world.home.id;
    const keys = await send('GET', `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`);
    const { payload } = await jwtVerify(
      read<string>(body, 'access_token'),
      createLocalJWKSet({ keys: read(keys.body, 'keys') }),
      { currentDate: new Date(cloud.now()), audience: 'https://api.security.microsoft.com' },
    );
    assert.equal(payload.tid, tenant);
    assert.equal(payload.appid, cloud.world.application.clientId);
    assert.equal(payload.iss, `https://sts.windows.net/${tenant}/`);
    assert.deepEqual(payload.roles, ['Incident.ReadWrite.All', 'AdvancedHunting.Read.All']);
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 3599);
  });

  it('leaves roles out when nothing was granted', async () => {
    const { requestToken, cloud } = createCaller();
    cloud.administrator.revokeAllRoles();
    const { status, body } = await requestToken();
    assert.equal(status, 200);
    assert.equal(decodeJwt(read(body, 'access_token')).roles, undefined);
  });

  it('accepts the secret by HTTP Basic', async () => {
    const { send, cloud } = createCaller();
    const { clientId, secrets } = cloud.world.application;
    const authorization = `Basic ${btoa(`${clientId}:${secrets[0]?.value}`)}`;
    const form = 'grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default';
    const url = `https://login.microsoftonline.com/${cloud.world.home.id}/oauth2/v2.0/token`;
    assert.equal((await send('POST', url, { authorization }, form)).status, 200);
  });

  const refusals: readonly Refusal[] = [
    { what: 'a wrong secret', status: 401, error: 'invalid_client', code: 7000215, form: { client_secret: 'wrong' } },
    { what: 'no secret', status: 401, error: 'invalid_client', code: 7000218, form: { client_secret: undefined } },
    {
      what: 'an unknown application',
      status: 400,
      error: 'unauthorized_client',
      code: 700016,
      form: { client_id: 'f00' },
    },
    { what: 'an unknown tenant', status: 400, error: 'invalid_request', code: 90002, tenant: 'nowhere.example' },
    { what: 'no tenant', status: 400, error: 'invalid_request', code: 9001023, tenant: 'common' },
    {
      what: 'a resource instead of a scope',
      status: 400,
      error: 'invalid_request',
      code: 901002,
      form: { resource: 'x' },
    },
    {
      what: 'a scope that is no .default',
      status: 400,
      error: 'invalid_scope',
      code: 70011,
      form: { scope: 'User.Read' },
    },
    {
      what: 'an unknown resource',
      status: 400,
      error: 'invalid_resource',
      code: 500011,
      form: { scope: 'x/.default' },
    },
    { what: 'no consent', status: 401, error: 'invalid_client', code: 7000229, tenant: 'tailspin.onmicrosoft.com' },
    {
      what: 'an expired secret',
      status: 401,
      error: 'invalid_client',
      code: 7000222,
      before: (by) => by.expireSecret(),
    },
    {
      what: 'a disabled application',
      status: 400,
      error: 'unauthorized_client',
      code: 7000112,
      before: (by) => by.disableApplication(),
    },
  ];
  for (const { what, status, error, code, form, tenant, before } of refusals) {
    it(`refuses ${what} with AADSTS${code}`, async () => {
      const { requestToken, cloud } = createCaller();
      before?.(cloud.administrator);
      const reply = await requestToken(form, tenant);
      assert.equal(reply.status, status);
      assert.equal(read(reply.body, 'error'), error);
      assert.deepEqual(read(reply.body, 'error_codes'), [code]);
      assert.match(
        read(reply.body, 'error_description'),
        new RegExp(`^AADSTS${code}: .+\r\nTrace ID: .+\r\nCorrelation ID: .+\r\nTimestamp: 2026-11-20 12:00:00Z$`),
      );
    });
  }

  it('revokes the old secret when it is rotated', async () => {
    const { requestToken, cloud } = createCaller();
    const old = cloud.world.application.secrets[0]?.value;
    const value = cloud.administrator.rotateSecret();
    assert.deepEqual(read((await requestToken({ client_secret: old })).body, 'error_codes'), [7000215]);
    assert.equal((await requestToken({ client_secret: value })).status, 200);
  });

  it('answers for the tenants of its own national cloud only', async () => {
    const { requestToken, send, cloud } = createCaller({ nationalCloud: 'gccHigh' });
    assert.deepEqual(read((await requestToken()).body, 'error_codes'), [900382]);
    const { application, home } = cloud.world;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: application.clientId,
      client_secret: application.secrets[0]?.value ?? '',
      scope: 'https://api-gov.security.microsoft.us/.default',
    });
    const url = `https://login.microsoftonline.us/${home.id}/oauth2/v2.0/token`;
    const { body } = await send('POST', url, {}, form.toString());
    const authorization = `Bearer ${read<string>(body, 'access_token')}`;
    const incidents = '/api/incidents?$top=1';
    assert.equal(
      (await send('GET', `https://api-gov.security.microsoft.us${incidents}`, { authorization })).status,
      200,
    );
    await assert.rejects(send('GET', `https://api.security.microsoft.com${incidents}`, { authorization }));
  });
});

describe('discovery', () => {
  const url = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0/.well-known/openid-configuration`;

  it('returns the id of a tenant for its domain', async () => {
    const { send, cloud } = createCaller();
    const { body } = await send('GET', url('fabrikam.onmicrosoft.com'));
    const fabrikam = cloud.world.tenants[1]?.id;
    assert.equal(read(body, 'issuer'), `https://login.microsoftonline.com/${fabrikam}/v2.0`);
  });

  it('refuses an unknown tenant with invalid_tenant', async () => {
    const { status, body } = await createCaller().send('GET', url('nowhere.example'));
    assert.equal(status, 400);
    assert.equal(read(body, 'error'), 'invalid_tenant');
  });
});
