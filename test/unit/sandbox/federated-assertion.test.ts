import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClientAssertionCredential, ManagedIdentityCredential, OnBehalfOfCredential } from '@azure/identity';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import { type Cloud, createCloud } from '../../sandbox/cloud.ts';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { identityHeader } from '../../sandbox/managed-identity.ts';
import type { FederatedCredential } from '../../sandbox/world.ts';
import { createCaller, read } from './caller.ts';
import { asCredential } from './client-assertion.ts';

const audience = 'api://AzureADTokenExchange';
const scope = 'https://api.security.microsoft.com/.default';

/** A cloud whose application trusts the user-assigned identity, or what the changes make of that. */
function createScene(changes: Partial<FederatedCredential> = {}) {
  const caller = createCaller();
  const { administrator, world } = caller.cloud;
  administrator.federate(changes);
  const { userAssignedIdentity } = world;

  async function assertionOf({ clientId } = userAssignedIdentity): Promise<string> {
    const { body } = await caller.identityToken(audience, `&client_id=${clientId}`);
    return read<string>(body, 'access_token');
  }

  async function refusalOf(assertion: string, tenant?: string) {
    const { status, body } = await caller.requestToken(asCredential(assertion), tenant);
    const { error, error_codes } = read<{ error: string; error_codes: number[] }>(body);
    return [status, error, error_codes[0]];
  }

  return { ...caller, assertionOf, refusalOf };
}

describe('the token of a user-assigned identity for the exchange', () => {
  it('is issued by the tenant, about the identity, for Entra', async () => {
    const { assertionOf, cloud } = createScene();
    const { home, userAssignedIdentity } = cloud.world;
    const claims = decodeJwt(await assertionOf());
    assert.equal(claims.iss, `https://login.microsoftonline.com/${home.id}/v2.0`);
    assert.equal(claims.sub, home.servicePrincipals.get(userAssignedIdentity.clientId)?.objectId);
    assert.equal(claims.aud, audience);
  });

  it('has the audience of its national cloud', async () => {
    const { identityToken, cloud } = createCaller({ nationalCloud: 'gccHigh' });
    const usGovernment = `${audience}USGov`;
    const { audience: trusted, issuer } = cloud.administrator.federate();
    assert.equal(trusted, usGovernment);
    const { status, body } = await identityToken(usGovernment);
    assert.equal(status, 200);
    assert.equal(decodeJwt(read(body, 'access_token')).aud, usGovernment);
    assert.equal(decodeJwt(read(body, 'access_token')).iss, issuer);
    assert.equal((await identityToken(audience)).status, 400);
  });

  it('proves the application in every tenant that has consented', async () => {
    const { assertionOf, requestToken, cloud } = createScene();
    const credential = asCredential(await assertionOf());
    for (const { id } of cloud.world.tenants.slice(0, 2)) {
      const { status, body } = await requestToken(credential, id);
      assert.equal(status, 200);
      const claims = decodeJwt(read(body, 'access_token'));
      assert.deepEqual([claims.appid, claims.tid], [cloud.world.application.clientId, id]);
    }
  });

  it('proves nothing before the application trusts the identity, nor after', async () => {
    const { assertionOf, refusalOf, requestToken, cloud } = createScene();
    const assertion = await assertionOf();
    cloud.administrator.endFederation();
    assert.deepEqual(await refusalOf(assertion), [400, 'invalid_request', 70021]);
    cloud.administrator.federate();
    assert.equal((await requestToken(asCredential(assertion))).status, 200);
  });
});

describe('the token endpoint rejects a federated assertion', () => {
  const mismatches: readonly [what: string, changes: Partial<FederatedCredential>, refusal: unknown[]][] = [
    ['of an issuer', { issuer: 'https://token.example/' }, [401, 'invalid_client', 700211]],
    ['for an audience', { audience: 'api://another' }, [401, 'invalid_client', 700212]],
    ['about a subject', { subject: 'another' }, [401, 'invalid_client', 700213]],
    ['in more than one way', { subject: 'another', audience: 'api://another' }, [400, 'invalid_request', 70021]],
  ];
  for (const [what, changes, refusal] of mismatches) {
    it(`${what} that does not match, with AADSTS${refusal[2]}`, async () => {
      const { assertionOf, refusalOf } = createScene(changes);
      assert.deepEqual(await refusalOf(await assertionOf()), refusal);
    });
  }

  it('for a system-assigned identity, also when registered: AADSTS70021', async () => {
    const { assertionOf, refusalOf, cloud } = createScene();
    const { home, systemAssignedIdentity } = cloud.world;
    const subject = home.servicePrincipals.get(systemAssignedIdentity.clientId)?.objectId ?? '';
    cloud.administrator.federate({ subject });
    assert.deepEqual(await refusalOf(await assertionOf(systemAssignedIdentity)), [400, 'invalid_request', 70021]);
  });

  it('after its expiration: AADSTS700024', async () => {
    const { assertionOf, refusalOf, advance } = createScene();
    const assertion = await assertionOf();
    advance(24 * 60 * 60 * 1000);
    assert.deepEqual(await refusalOf(assertion), [401, 'invalid_client', 700024]);
  });

  it('when it is a user token: AADSTS700229', async () => {
    const { refusalOf, cloud } = createScene();
    assert.deepEqual(await refusalOf(await cloud.signIn(cloud.world.home.users[0])), [400, 'invalid_request', 700229]);
  });

  it('with the signature of another key: AADSTS700027', async () => {
    const { assertionOf, refusalOf } = createScene();
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT(decodeJwt(await assertionOf()))
      .setProtectedHeader({ alg: 'RS256' })
      .sign(privateKey);
    assert.deepEqual(await refusalOf(forged), [401, 'invalid_client', 700027]);
  });
});

describe('the credentials of @azure/identity', () => {
  /** The identity's token as the app would get it. */
  function identityOf(cloud: Cloud) {
    const { clientId } = cloud.world.userAssignedIdentity;
    const credential = new ManagedIdentityCredential({ clientId, httpClient: createInMemoryHttpClient(cloud) });
    return async () => (await credential.getToken(audience)).token;
  }

  it('prove the application with its managed identity, for itself and on behalf of a user', async (t) => {
    t.mock.property(process, 'env', {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:41932/msi/token',
      IDENTITY_HEADER: identityHeader,
    });
    const cloud = createCloud();
    cloud.administrator.federate();
    const { application, home } = cloud.world;
    const httpClient = createInMemoryHttpClient(cloud);
    const getAssertion = identityOf(cloud);
    const own = new ClientAssertionCredential(home.id, application.clientId, getAssertion, { httpClient });
    assert.deepEqual(decodeJwt((await own.getToken(scope)).token).roles, [
      'Incident.ReadWrite.All',
      'AdvancedHunting.Read.All',
    ]);
    const onBehalf = new OnBehalfOfCredential({
      tenantId: home.id,
      clientId: application.clientId,
      getAssertion,
      userAssertionToken: await cloud.signIn(home.users[0]),
      httpClient,
    });
    assert.equal(decodeJwt((await onBehalf.getToken(scope)).token).oid, home.users[0].objectId);
  });
});
