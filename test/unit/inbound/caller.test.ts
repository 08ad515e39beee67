import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { readUser, resolveCaller } from '../../../shared/inbound/caller.ts';
import type { UserPrincipal } from '../../../shared/tokens/principal.ts';
import { clientId, homeTenantId, settings } from '../settings.ts';
import { createRequest, createTestApp } from './http-call.ts';

/** An unsigned user token for the app in the home tenant. Undefined claims are omitted. */
const createUserToken = (claims: Record<string, unknown>): string =>
  new UnsecuredJWT({ aud: clientId, tid: homeTenantId, scp: 'user_impersonation', ...claims }).encode();

const customerId = 'aaaaaaaa-2222-4333-8444-555555555555';
const strangerId = 'bbbbbbbb-2222-4333-8444-555555555555';
const customerDomain = 'fabrikam.com';

function createScene(changes: Record<string, string> = {}) {
  const app = createTestApp({}, { ...settings, DEFENDER_TENANTS: customerId, ...changes });
  const exp = app.clock.now() / 1000 + 600;
  const services = app.openServices();
  return {
    httpClient: app.httpClient,
    token: (claims: Record<string, unknown> = {}) => createUserToken({ exp, ...claims }),
    userOf: (headers: Record<string, string>) => readUser(createRequest({ headers }).headers, services),
    resolve: (user?: UserPrincipal, tenant?: string) => resolveCaller(services, user, tenant),
  };
}

const userIn = (tenantId: string): UserPrincipal => ({
  kind: 'user',
  tenantId,
  assertion: 'assertion',
  assertionHash: 'hash',
  expiresAt: 0,
});

const notAllowed = { status: 403, code: 'TenantNotAllowed' };
const unusable = { status: 401, code: 'InvalidUserToken' };
const passedOn = 'x-ms-token-aad-access-token';

/** The OpenID configuration of the customer's domain. */
const resolution = { body: { issuer: `https://login.microsoftonline.com/${customerId}/v2.0` } };

describe('readUser', () => {
  it('returns undefined without a token', () => {
    assert.equal(createScene().userOf({}), undefined);
  });

  it('reads the Authorization header', () => {
    const { userOf, token } = createScene();
    assert.equal(userOf({ authorization: `Bearer ${token()}` })?.assertion, token());
  });

  it('reads the token of App Service Authentication', () => {
    const { userOf, token } = createScene();
    assert.equal(userOf({ [passedOn]: token() })?.assertion, token());
  });

  it('prefers the Authorization header', () => {
    const { userOf, token } = createScene();
    const headers = { authorization: `Bearer ${token({ oid: 'a' })}`, [passedOn]: token({ oid: 'b' }) };
    assert.equal(userOf(headers)?.assertion, token({ oid: 'a' }));
  });

  it("returns undefined for an application's own token", () => {
    const { userOf, token } = createScene();
    assert.equal(userOf({ authorization: `Bearer ${token({ scp: undefined })}` }), undefined);
  });

  it('throws 401 for every token that cannot be used', () => {
    const { userOf, token } = createScene();
    const headers = [
      { authorization: '' },
      { authorization: token() },
      { authorization: `Bearer ${token({ exp: 0 })}` },
      { authorization: 'Basic YTpi', [passedOn]: token() },
      { [passedOn]: '' },
      { [passedOn]: 'opaque' },
    ];
    for (const each of headers) assert.throws(() => userOf(each), unusable);
  });
});

describe('resolveCaller', () => {
  it('returns the application in the home tenant by default', async () => {
    const principal = { kind: 'application', tenantId: homeTenantId };
    assert.deepEqual(await createScene().resolve(), { principal, isHomeTenant: true });
  });

  it('returns the application in the named tenant', async () => {
    const principal = { kind: 'application', tenantId: customerId };
    assert.deepEqual(await createScene().resolve(undefined, customerId), { principal, isHomeTenant: false });
  });

  it('returns the user in the tenant of the token', async () => {
    const { resolve } = createScene();
    for (const tenantId of [homeTenantId, customerId]) {
      const caller = { principal: userIn(tenantId), isHomeTenant: tenantId === homeTenantId };
      assert.deepEqual(await resolve(userIn(tenantId)), caller);
      assert.deepEqual(await resolve(userIn(tenantId), tenantId), caller);
    }
  });

  it("accepts a domain of the user's tenant", async () => {
    const { resolve, httpClient } = createScene();
    httpClient.queue(resolution);
    assert.deepEqual((await resolve(userIn(customerId), customerDomain)).principal, userIn(customerId));
  });

  it('throws 403 for a tenant that is not served, without a token request', async () => {
    const { resolve, httpClient } = createScene();
    await assert.rejects(resolve(undefined, strangerId), notAllowed);
    await assert.rejects(resolve(userIn(strangerId)), notAllowed);
    await assert.rejects(resolve(userIn(strangerId), strangerId), notAllowed);
    await assert.rejects(resolve(userIn(homeTenantId), strangerId), notAllowed);
    assert.equal(httpClient.requests.length, 0);
  });

  it("throws 403 for a tenant other than the user's, even if both are served", async () => {
    const { resolve, httpClient } = createScene();
    await assert.rejects(resolve(userIn(homeTenantId), customerId), notAllowed);
    await assert.rejects(resolve(userIn(customerId), homeTenantId), notAllowed);
    httpClient.queue(resolution);
    await assert.rejects(resolve(userIn(homeTenantId), customerDomain), notAllowed);
    await assert.rejects(resolve(userIn(strangerId), homeTenantId), notAllowed);
  });

  it('supports only the application in the home tenant with DEFENDER_CREDENTIAL=managedIdentity', async () => {
    const { resolve, httpClient } = createScene({ DEFENDER_CREDENTIAL: 'managedIdentity' });
    const notSupported = { status: 400, code: 'ContextNotSupported', nextStep: /federated/ };
    assert.equal((await resolve()).isHomeTenant, true);
    assert.equal((await resolve(undefined, homeTenantId)).isHomeTenant, true);
    await assert.rejects(resolve(undefined, customerId), notSupported);
    await assert.rejects(resolve(undefined, strangerId), notSupported);
    await assert.rejects(resolve(userIn(homeTenantId)), notSupported);
    assert.equal(httpClient.requests.length, 0);
  });
});
