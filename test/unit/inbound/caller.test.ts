import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyAccess } from '../../../shared/inbound/access.ts';
import { readAccessToken, resolveCaller, toUser } from '../../../shared/inbound/caller.ts';
import type { UserPrincipal } from '../../../shared/tokens/principal.ts';
import { homeTenantId, settings } from '../settings.ts';
import { applicationClaims, createTestKey, signed, toKeysReply, userClaims, userId } from '../tokens/test-issuer.ts';
import { createTestApp } from './http-call.ts';

const key = createTestKey('key-1');

const customerId = 'aaaaaaaa-2222-4333-8444-555555555555';
const strangerId = 'bbbbbbbb-2222-4333-8444-555555555555';
const customerDomain = 'fabrikam.com';

function createScene(changes: Record<string, string> = {}) {
  const app = createTestApp(
    {},
    {
      ...settings,
      DEFENDER_TENANTS: customerId,
      WEBSITE_AUTH_ENABLED: 'True',
      ...changes,
    },
  );
  const services = app.openServices();
  const now = app.clock.now();
  return {
    httpClient: app.httpClient,
    token: (claims: Record<string, unknown> = {}) => signed(key, userClaims(now, claims)),
    applicationToken: () => signed(key, applicationClaims(now)),
    userOf: async (headers: Record<string, string>) => {
      if (app.httpClient.unused() === 0) app.httpClient.queue(toKeysReply(key));
      const token = await readAccessToken(new Headers(headers), services);
      return token && toUser(token);
    },
    resolve: (user?: UserPrincipal, tenant?: string) => resolveCaller(services, user, keyAccess, tenant),
  };
}

const userIn = (tenantId: string): UserPrincipal => ({
  kind: 'user',
  tenantId,
  objectId: userId,
  assertion: 'assertion',
  assertionHash: 'hash',
  expiresAt: 0,
});

const notAllowed = { status: 403, code: 'TenantNotAllowed' };
const unusable = { status: 401, code: 'InvalidUserToken' };
const platformHeader = 'x-ms-token-aad-access-token';

/** The OpenID configuration of the customer's domain. */
const resolution = { body: { issuer: `https://login.microsoftonline.com/${customerId}/v2.0` } };

describe('the user of a request', () => {
  it('is undefined without a token', async () => {
    assert.equal(await createScene().userOf({}), undefined);
  });

  it('is read from the Authorization header', async () => {
    const { userOf, token } = createScene();
    const user = await userOf({ authorization: `Bearer ${await token()}` });
    assert.deepEqual([user?.tenantId, user?.objectId], [homeTenantId, userId]);
  });

  it('is read from the header of App Service Authentication', async () => {
    const { userOf, token } = createScene();
    assert.equal((await userOf({ [platformHeader]: await token() }))?.objectId, userId);
  });

  it('is not read from that header where App Service Authentication is off', async () => {
    const { userOf, token } = createScene({ WEBSITE_AUTH_ENABLED: 'False' });
    assert.equal(await userOf({ [platformHeader]: await token() }), undefined);
  });

  it('is the one of the Authorization header if both are present', async () => {
    const { userOf, token } = createScene();
    const [mine, other] = [await token({ oid: customerId }), await token({ oid: strangerId })];
    assert.equal((await userOf({ authorization: `Bearer ${mine}`, [platformHeader]: other }))?.objectId, customerId);
  });

  it('is undefined for a token of an application', async () => {
    const { userOf, applicationToken } = createScene();
    assert.equal(await userOf({ authorization: `Bearer ${await applicationToken()}` }), undefined);
  });

  it('is rejected, never ignored, if the token is unusable', async () => {
    const { userOf, token } = createScene();
    const headers = [
      { authorization: '' },
      { authorization: await token() },
      { authorization: `Bearer ${await token({ exp: 0 })}` },
      { authorization: 'Basic YTpi', [platformHeader]: await token() },
      { [platformHeader]: '' },
      { [platformHeader]: 'opaque' },
    ];
    for (const each of headers) await assert.rejects(userOf(each), unusable);
  });

  it('is rejected if its tenant is not served', async () => {
    const { userOf, token, httpClient } = createScene();
    const claims = { tid: strangerId, iss: `https://login.microsoftonline.com/${strangerId}/v2.0` };
    await assert.rejects(userOf({ authorization: `Bearer ${await token(claims)}` }), notAllowed);
    assert.equal(httpClient.requests.length, 0);
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
