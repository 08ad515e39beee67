import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { createAccessTokenValidator } from '../../../shared/tokens/access-token-validator.ts';
import { createStepRunner } from '../../../shared/tokens/credential-step.ts';
import { createSigningKeys } from '../../../shared/tokens/signing-keys.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient } from '../fake-http-client.ts';
import { clientId, homeTenantId } from '../settings.ts';
import {
  applicationClaims,
  applicationObjectId,
  createTestKey,
  otherAppId,
  signed,
  toKeysReply,
  userClaims,
  userId,
} from './test-issuer.ts';

const key = createTestKey('key-1');
const foreignKey = { ...createTestKey('key-1'), keyId: 'key-1' };
const customerId = 'aaaaaaaa-2222-4333-8444-555555555555';
const strangerId = 'bbbbbbbb-2222-4333-8444-555555555555';
const customerIssuer = { tid: customerId, iss: `https://login.microsoftonline.com/${customerId}/v2.0` };

function createScene() {
  const clock = createFakeClock();
  const httpClient = createFakeHttpClient(toKeysReply(key));
  const authority = 'https://login.microsoftonline.com';
  const keys = createSigningKeys({
    runStep: createStepRunner({ httpClient, clock, random: () => 0 }),
    authority,
    clock,
  });
  const validator = createAccessTokenValidator({
    clientId,
    appIdUris: ['api://defender.contoso.com'],
    homeTenantId,
    authority,
    keys,
    clock,
  });
  const validate = (token: string) =>
    validator.validate(token, async (tenantId) => {
      if (tenantId !== customerId) throw new RangeError(`${tenantId} is not served`);
    });
  return { clock, httpClient, validate, now: clock.now() };
}

const rejected = { name: 'RequestError', status: 401, code: 'InvalidUserToken' };

describe('a valid access token', () => {
  it('is accepted for a user, with tenant, object id and roles', async () => {
    const { validate, now } = createScene();
    const { kind, tenantId, objectId, appId, roles, expiresAt } = await validate(
      await signed(key, userClaims(now, { roles: ['Approval.Decide'] })),
    );
    assert.deepEqual(
      { kind, tenantId, objectId, appId },
      { kind: 'user', tenantId: homeTenantId, objectId: userId, appId: otherAppId },
    );
    assert.deepEqual(roles, ['Approval.Decide']);
    assert.equal(expiresAt, now + 3_600_000);
  });

  it('is accepted for an application in version 1.0 and 2.0, with and without idtyp', async () => {
    for (const changes of [
      {},
      {
        aud: clientId,
        iss: `https://login.microsoftonline.com/${homeTenantId}/v2.0`,
        azp: otherAppId,
        appid: undefined,
      },
      { idtyp: 'app', sub: 'anything' },
      { aud: `api://${clientId}/` },
      { aud: 'api://defender.contoso.com' },
    ]) {
      const { validate, now } = createScene();
      const { kind, objectId, appId } = await validate(await signed(key, applicationClaims(now, changes)));
      assert.deepEqual(
        { kind, objectId, appId },
        { kind: 'application', objectId: applicationObjectId, appId: otherAppId },
      );
    }
  });

  it('is verified with the keys of a served customer tenant for its users', async () => {
    const { validate, httpClient, now } = createScene();
    assert.equal((await validate(await signed(key, userClaims(now, customerIssuer)))).tenantId, customerId);
    assert.deepEqual(
      httpClient.requests.map(({ url }) => url.pathname),
      [`/${customerId}/discovery/v2.0/keys`],
    );
  });

  it('may be a minute ahead of our clock', async () => {
    const { validate, now } = createScene();
    const soon = now / 1000 + 59;
    assert.equal((await validate(await signed(key, userClaims(now, { nbf: soon, iat: soon })))).kind, 'user');
  });
});

describe('a token is rejected before keys are requested', () => {
  const cases: Record<string, (now: number) => Promise<string> | string> = {
    'that is not a JSON Web Token': () => 'opaque',
    'that has two parts': () => 'e30.e30',
    'that is unsigned': (now) => new UnsecuredJWT(userClaims(now)).encode(),
    'for another audience': (now) => signed(key, userClaims(now, { aud: 'https://graph.microsoft.com' })),
    'for an audience that begins like ours': (now) => signed(key, userClaims(now, { aud: `api://${clientId}.evil` })),
    'that has expired': (now) => signed(key, userClaims(now, { exp: now / 1000 })),
    'without an end': (now) => signed(key, userClaims(now, { exp: undefined })),
    'that is not valid yet': (now) => signed(key, userClaims(now, { nbf: now / 1000 + 61 })),
    'that was issued in the future': (now) => signed(key, userClaims(now, { iat: now / 1000 + 61 })),
    'that is an ID token': (now) => signed(key, userClaims(now, { scp: undefined })),
    'without an object id': (now) => signed(key, userClaims(now, { oid: undefined })),
    'without a subject and scope': (now) => signed(key, applicationClaims(now, { oid: undefined, sub: undefined })),
    'of no tenant': (now) => signed(key, userClaims(now, { tid: 'common' })),
    'with the issuer of another tenant': (now) => signed(key, userClaims(now, { iss: customerIssuer.iss })),
    'with the issuer of another cloud': (now) =>
      signed(key, userClaims(now, { iss: `https://login.microsoftonline.us/${homeTenantId}/v2.0` })),
    'of an application in a customer tenant': (now) => signed(key, applicationClaims(now, customerIssuer)),
    'with roles of the wrong type': (now) => signed(key, userClaims(now, { roles: 'Machine.Isolate' })),
    'without a key id': (now) => signed({ ...key, keyId: undefined as unknown as string }, userClaims(now)),
  };
  for (const [title, create] of Object.entries(cases)) {
    it(title, async () => {
      const { validate, httpClient, now } = createScene();
      await assert.rejects(validate(await create(now)), rejected);
      assert.equal(httpClient.requests.length, 0);
    });
  }

  it('is rejected for a tenant that is not served', async () => {
    const { validate, httpClient, now } = createScene();
    const stranger = { tid: strangerId, iss: `https://login.microsoftonline.com/${strangerId}/v2.0` };
    await assert.rejects(validate(await signed(key, userClaims(now, stranger))), RangeError);
    assert.equal(httpClient.requests.length, 0);
  });
});

describe('a token is rejected', () => {
  it('if another key signed it', async () => {
    const { validate, now } = createScene();
    await assert.rejects(validate(await signed(foreignKey, userClaims(now))), rejected);
  });

  it('if its claims were changed after it was signed', async () => {
    const { validate, now } = createScene();
    const [header, , signature] = (await signed(key, userClaims(now))).split('.');
    const payload = Buffer.from(JSON.stringify(userClaims(now, { oid: applicationObjectId }))).toString('base64url');
    await assert.rejects(validate(`${header}.${payload}.${signature}`), rejected);
  });

  it('if it is signed with the public key as a shared secret', async () => {
    const { validate, now } = createScene();
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const content = `${encode({ alg: 'HS256', kid: key.keyId })}.${encode(userClaims(now))}`;
    const signature = createHmac('sha256', JSON.stringify(key.publicJwk)).update(content).digest('base64url');
    await assert.rejects(validate(`${content}.${signature}`), rejected);
  });

  it('with a challenge and a next step, and without quoting the token', async () => {
    const { validate, now } = createScene();
    const token = await signed(foreignKey, userClaims(now));
    await assert.rejects(validate(token), (error: Error & { headers: Record<string, string>; nextStep: string }) => {
      assert.equal(error.headers['www-authenticate'], 'Bearer error="invalid_token"');
      assert.match(error.nextStep, /^Send a current access token/);
      return !`${error.message} ${error.nextStep}`.includes(token.split('.')[1] ?? '');
    });
  });
});
