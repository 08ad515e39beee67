import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { readUser, resolveCaller } from '../../../shared/inbound/caller.ts';
import type { UserPrincipal } from '../../../shared/tokens/principal.ts';
import { clientId, homeTenantId, settings } from '../settings.ts';
import { createRequest, createTestApp } from './http-call.ts';

/** A user's token for the app in the home tenant, signed by nobody; a claim that is undefined is left out. */
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

/** What the OpenID configuration of the customer's domain answers. */
const resolution = { body: { issuer: `https://login.microsoftonline.com/${customerId}/v2.0` } };

describe('the user of a request', () => {
  it('is nobody without a token', () => {
    assert.equal(createScene().userOf({}), undefined);
  });

  it('comes with the Authorization header', () => {
    const { userOf, token } = createScene();
    assert.equal(userOf({ authorization: `Bearer ${token()}` })?.assertion, token());
  });

  it('comes with the token that App Service Authentication passes on', () => {
    const { userOf, token } = createScene();
    assert.equal(userOf({ [passedOn]: token() })?.assertion, token());
  });

  it('is the one of the Authorization header when there are both', () => {
    const { userOf, token } = createScene();
    const headers = { authorization: `Bearer ${token({ oid: 'a' })}`, [passedOn]: token({ oid: 'b' }) };
    assert.equal(userOf(headers)?.assertion, token({ oid: 'a' }));
  });

  it('is nobody when an application calls for itself', () => {
    const { userOf, token } = createScene();
    assert.equal(userOf({ authorization: `Bearer ${token({ scp: undefined })}` }), undefined);
  });

  it('is never taken for nobody because a token is unusable', () => {
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

describe('the caller', () => {
  it('is the application at home, unless told otherwise', async () => {
    const principal = { kind: 'application', tenantId: homeTenantId };
    assert.deepEqual(await createScene().resolve(), { principal, isHomeTenant: true });
  });

  it('is the application in the tenant that was named', async () => {
    const principal = { kind: 'application', tenantId: customerId };
    assert.deepEqual(await createScene().resolve(undefined, customerId), { principal, isHomeTenant: false });
  });

  it('is the user in the tenant of the token', async () => {
    const { resolve } = createScene();
    for (const tenantId of [homeTenantId, customerId]) {
      const caller = { principal: userIn(tenantId), isHomeTenant: tenantId === homeTenantId };
      assert.deepEqual(await resolve(userIn(tenantId)), caller);
      assert.deepEqual(await resolve(userIn(tenantId), tenantId), caller);
    }
  });

  it("may name the user's tenant by its domain", async () => {
    const { resolve, httpClient } = createScene();
    httpClient.queue(resolution);
    assert.deepEqual((await resolve(userIn(customerId), customerDomain)).principal, userIn(customerId));
  });

  it('may not name a tenant that is not served, nor be a user of one', async () => {
    const { resolve, httpClient } = createScene();
    await assert.rejects(resolve(undefined, strangerId), notAllowed);
    await assert.rejects(resolve(userIn(strangerId)), notAllowed);
    await assert.rejects(resolve(userIn(strangerId), strangerId), notAllowed);
    await assert.rejects(resolve(userIn(homeTenantId), strangerId), notAllowed);
    assert.equal(httpClient.requests.length, 0);
  });

  it("may not name another tenant than the user's, even if we serve both", async () => {
    const { resolve, httpClient } = createScene();
    await assert.rejects(resolve(userIn(homeTenantId), customerId), notAllowed);
    await assert.rejects(resolve(userIn(customerId), homeTenantId), notAllowed);
    httpClient.queue(resolution);
    await assert.rejects(resolve(userIn(homeTenantId), customerDomain), notAllowed);
    await assert.rejects(resolve(userIn(strangerId), homeTenantId), notAllowed);
  });

  it('is the application at home and nobody else where the managed identity holds the permissions itself', async () => {
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
