import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { portalClientId } from '../../sandbox/sign-in.ts';
import { userPassword } from '../../sandbox/user.ts';
import { createCaller, read } from './caller.ts';

/** A cloud in which a user of the home tenant signs in at the portal by a form. */
function createScene() {
  const caller = createCaller();
  const { application, home } = caller.cloud.world;
  const form = {
    grant_type: 'password',
    client_id: portalClientId,
    client_secret: undefined,
    username: home.users[0].userPrincipalName,
    password: userPassword,
    scope: `api://${application.clientId}/.default openid offline_access`,
  };
  return {
    ...caller,
    user: home.users[0],
    signIn: (changes: Record<string, string | undefined> = {}, tenant?: string) =>
      caller.requestToken({ ...form, ...changes }, tenant),
  };
}

describe('signing in with a password', () => {
  it('returns a user token for the application, which can be exchanged', async () => {
    const { signIn, exchange, user, cloud } = createScene();
    const { clientId } = cloud.world.application;
    const { status, body } = await signIn();
    assert.equal(status, 200);
    assert.equal(read(body, 'scope'), `api://${clientId}/user_impersonation`);
    const token = read<string>(body, 'access_token');
    const { aud, oid, scp, azp, exp = 0, iat = 0 } = decodeJwt(token);
    assert.deepEqual([aud, oid, scp, azp], [clientId, user.objectId, 'user_impersonation', portalClientId]);
    assert.equal(exp - iat, read(body, 'expires_in'));
    assert.equal((await exchange(token)).status, 200);
    assert.equal(
      (await signIn({ scope: `${clientId}/.default`, username: user.userPrincipalName.toUpperCase() })).status,
      200,
    );
  });

  it('meets a Conditional Access challenge with its claims', async () => {
    const { signIn, exchange, user, cloud } = createScene();
    cloud.administrator.requireInteraction(user);
    const tokenWith = async (claims?: string) => read<string>((await signIn({ claims })).body, 'access_token');
    const refused = await exchange(await tokenWith());
    assert.equal(refused.status, 400);
    assert.equal((await exchange(await tokenWith(read(refused.body, 'claims')))).status, 200);
  });

  const refusals: readonly [
    what: string,
    code: number,
    changes: Record<string, string | undefined>,
    tenant?: string,
  ][] = [
    ['a wrong password', 50126, { password: 'wrong' }],
    ['no password', 900144, { password: undefined }],
    ['an unknown user', 50034, { username: 'unknown@contoso.onmicrosoft.com' }],
    ['a user of another tenant', 50034, {}, 'fabrikam.onmicrosoft.com'],
    ['another client', 700016, { client_id: '00000000-0000-0000-0000-000000000000' }],
    ['another application', 500011, { scope: 'https://graph.microsoft.com/.default' }],
    ['no tenant', 9001023, {}, 'common'],
  ];
  for (const [what, code, changes, tenant] of refusals) {
    it(`refuses ${what} with AADSTS${code}`, async () => {
      const { status, body } = await createScene().signIn(changes, tenant);
      assert.equal(status, 400);
      assert.deepEqual(read(body, 'error_codes'), [code]);
    });
  }

  it('is logged without the password', async () => {
    const { signIn, cloud } = createScene();
    await signIn();
    assert.ok(!JSON.stringify(cloud.calls.all).includes(userPassword));
  });
});
