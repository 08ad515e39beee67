import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OnBehalfOfCredential } from '@azure/identity';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { createCaller, read } from './caller.ts';

interface Refusal {
  readonly what: string;
  readonly error: string;
  readonly code: number;
  /** Default: a good one. */
  readonly assertion?: (caller: ReturnType<typeof createCaller>) => Promise<string>;
  readonly form?: Record<string, string | undefined>;
  readonly tenant?: string;
  readonly before?: (caller: ReturnType<typeof createCaller>) => void;
}

const analystOf = ({ cloud }: ReturnType<typeof createCaller>) => cloud.world.home.users[0];

async function signWithForeignKey({ cloud }: ReturnType<typeof createCaller>): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT({ aud: cloud.world.application.clientId, scp: 'user_impersonation' })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(privateKey);
}

describe('signing in', () => {
  it('returns a version 2 token for the application', async () => {
    const { cloud } = createCaller();
    const { application, home } = cloud.world;
    const [user] = home.users;
    const claims = decodeJwt(await cloud.signIn(user, { expiresInSeconds: 600 }));
    assert.equal(claims.aud, application.clientId);
    assert.equal(claims.iss, `https://login.microsoftonline.com/${home.id}/v2.0`);
    assert.equal(claims.tid, home.id);
    assert.equal(claims.oid, user.objectId);
    assert.equal(claims.preferred_username, 'soc1@contoso.onmicrosoft.com');
    assert.equal(claims.scp, 'user_impersonation');
    assert.equal(claims.ver, '2.0');
    assert.equal((claims.exp ?? 0) * 1000, cloud.now() + 600_000);
  });

  it('returns a version 1 token for an identifier URI', async () => {
    const { cloud } = createCaller();
    const { application, home } = cloud.world;
    const claims = decodeJwt(await cloud.signIn(home.users[0], { audience: `api://${application.clientId}` }));
    assert.equal(claims.ver, '1.0');
    assert.equal(claims.iss, `https://sts.windows.net/${home.id}/`);
    assert.equal(claims.upn, 'soc1@contoso.onmicrosoft.com');
  });

  it('returns an app-only token without scopes', async () => {
    const claims = decodeJwt(await createCaller().cloud.signInApp({ roles: ['Playbook.Run'] }));
    assert.equal(claims.scp, undefined);
    assert.equal(claims.idtyp, 'app');
    assert.deepEqual(claims.roles, ['Playbook.Run']);
  });
});

describe('the token endpoint, on behalf of a user', () => {
  it("issues the user's token for the resource with every permission that was consented to", async () => {
    const { exchange, cloud } = createCaller();
    const { home, application } = cloud.world;
    const [, user] = home.users;
    const { status, body } = await exchange(await cloud.signIn(user));
    assert.equal(status, 200);
    const resource = 'https://api.security.microsoft.com';
    assert.equal(
      read(body, 'scope'),
      `${resource}/Incident.ReadWrite ${resource}/AdvancedHunting.Read ${resource}/.default`,
    );
    const claims = decodeJwt(read(body, 'access_token'));
    assert.equal(claims.aud, resource);
    assert.equal(claims.scp, 'Incident.ReadWrite AdvancedHunting.Read');
    assert.equal(claims.roles, undefined);
    assert.equal(claims.tid, home.id);
    assert.equal(claims.oid, user.objectId);
    assert.equal(claims.upn, user.userPrincipalName);
    assert.equal(claims.appid, application.clientId);
    assert.equal(claims.idtyp, 'user');
    assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 3599);
  });

  it('accepts an assertion whose audience is the identifier URI', async () => {
    const { exchange, cloud } = createCaller();
    const audience = `api://${cloud.world.application.clientId}`;
    assert.equal((await exchange(await cloud.signIn(cloud.world.home.users[0], { audience }))).status, 200);
  });

  it('satisfies the credential of @azure/identity', async () => {
    const { cloud } = createCaller();
    const { application, home } = cloud.world;
    const credential = new OnBehalfOfCredential({
      tenantId: home.id,
      clientId: application.clientId,
      clientSecret: application.secrets[0]?.value ?? '',
      userAssertionToken: await cloud.signIn(home.users[0]),
      httpClient: createInMemoryHttpClient(cloud),
    });
    const { token } = await credential.getToken('https://graph.microsoft.com/.default');
    assert.equal(decodeJwt(token).oid, home.users[0].objectId);
  });

  const refusals: readonly Refusal[] = [
    {
      what: 'a wrong secret',
      error: 'invalid_client',
      code: 7000215,
      form: { client_secret: 'wrong' },
    },
    { what: 'no assertion', error: 'invalid_request', code: 900144, form: { assertion: undefined } },
    { what: 'another use', error: 'invalid_request', code: 900144, form: { requested_token_use: undefined } },
    {
      what: 'what is no token',
      error: 'invalid_request',
      code: 50027,
      assertion: async () => 'not.a.token',
    },
    { what: 'a foreign signature', error: 'invalid_grant', code: 50013, assertion: signWithForeignKey },
    {
      what: 'a changed signature',
      error: 'invalid_grant',
      code: 50013,
      assertion: async (caller) => `${await caller.cloud.signIn(analystOf(caller))}AAAA`,
    },
    {
      what: 'an expired assertion',
      error: 'invalid_grant',
      code: 500133,
      assertion: (caller) => caller.cloud.signIn(analystOf(caller), { expiresInSeconds: 0 }),
    },
    {
      what: 'another audience',
      error: 'invalid_grant',
      code: 500131,
      assertion: (caller) => caller.cloud.signIn(analystOf(caller), { audience: 'https://graph.microsoft.com' }),
    },
    {
      what: "an application's own token",
      error: 'unauthorized_client',
      code: 7000114,
      assertion: ({ cloud }) => cloud.signInApp(),
    },
    {
      what: 'a user of another tenant',
      error: 'invalid_grant',
      code: 50020,
      tenant: 'fabrikam.onmicrosoft.com',
    },
    {
      what: 'a tenant without the application',
      error: 'invalid_grant',
      code: 65001,
      before: ({ cloud }) => cloud.administrator.revokeConsent(),
    },
    {
      what: 'withdrawn consent',
      error: 'invalid_grant',
      code: 65001,
      before: ({ cloud }) => cloud.administrator.revokeUserConsent(),
    },
    {
      what: 'a user without a registered second factor',
      error: 'interaction_required',
      code: 50079,
      before: (caller) => caller.cloud.administrator.requireInteraction(analystOf(caller), { code: 50079 }),
    },
  ];
  for (const { what, error, code, assertion, form, tenant, before } of refusals) {
    it(`refuses ${what} with AADSTS${code}`, async () => {
      const caller = createCaller();
      before?.(caller);
      const given = await (assertion?.(caller) ?? caller.cloud.signIn(analystOf(caller)));
      const { status, body } = await caller.exchange(given, form, tenant);
      assert.equal(status, code === 7000215 ? 401 : 400);
      assert.equal(read(body, 'error'), error);
      assert.deepEqual(read(body, 'error_codes'), [code]);
    });
  }

  it('rejects a resource without any delegated permission', async () => {
    const { exchange, cloud } = createCaller();
    const { administrator, world } = cloud;
    const assertion = await cloud.signIn(world.home.users[0]);
    administrator.revokeDelegated('defenderXdr', 'AdvancedHunting.Read');
    const { body } = await exchange(assertion);
    assert.equal(decodeJwt(read(body, 'access_token')).scp, 'Incident.ReadWrite');
    administrator.revokeDelegated('defenderXdr', 'Incident.ReadWrite');
    const refused = await exchange(assertion);
    assert.equal(read(refused.body, 'suberror'), 'consent_required');
    assert.equal((await exchange(assertion, { scope: 'https://graph.microsoft.com/.default' })).status, 200);
    administrator.grantDelegated('defenderXdr', 'Incident.Read');
    assert.equal((await exchange(assertion)).status, 200);
  });

  it('requires a second factor until the user signs in with the claims', async () => {
    const { exchange, cloud } = createCaller();
    const [user, colleague] = cloud.world.home.users;
    cloud.administrator.requireInteraction(user);
    const { status, body } = await exchange(await cloud.signIn(user));
    assert.equal(status, 400);
    assert.equal(read(body, 'error'), 'interaction_required');
    assert.equal(read(body, 'suberror'), 'basic_action');
    const claims = read<string>(body, 'claims');
    assert.ok(read(JSON.parse(claims), 'access_token', 'capolids'));
    assert.equal((await exchange(await cloud.signIn(user, { claims: '{}' }))).status, 400);
    assert.equal((await exchange(await cloud.signIn(user, { claims }))).status, 200);
    assert.equal((await exchange(await cloud.signIn(colleague))).status, 200);
  });
});
