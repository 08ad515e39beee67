import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ClientCertificateCredential, OnBehalfOfCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { type Certificate, toPem } from '../../sandbox/certificate.ts';
import { createCloud } from '../../sandbox/cloud.ts';
import { createInMemoryHttpClient } from '../../sandbox/in-memory-http-client.ts';
import { createCaller, read, startedAt } from './caller.ts';
import { asCredential, assertionType, signAssertion, thumbprintOf } from './client-assertion.ts';

const minuteMs = 60_000;
const scope = 'https://api.security.microsoft.com/.default';

/** A cloud whose application has one certificate. */
async function createScene() {
  const caller = createCaller();
  const certificate = await caller.cloud.administrator.rotateCertificate();
  return {
    ...caller,
    certificate,
    async codeOf(assertion: string, changes: Record<string, string | undefined> = {}, tenant?: string) {
      const { body } = await caller.requestToken({ ...asCredential(assertion), ...changes }, tenant);
      return read<number[] | undefined>(body, 'error_codes')?.[0];
    },
  };
}

type Scene = Awaited<ReturnType<typeof createScene>>;

describe('the token endpoint, for an application with a certificate', () => {
  it('accepts an assertion signed by PS256 or RS256, with either thumbprint', async () => {
    const { cloud, certificate, requestToken, codeOf } = await createScene();
    const { status, body } = await requestToken(asCredential(await signAssertion(cloud, certificate)));
    assert.equal(status, 200);
    assert.equal(decodeJwt(read(body, 'access_token')).appid, cloud.world.application.clientId);
    const older = { alg: 'RS256', header: { x5t: thumbprintOf(certificate.leaf.raw, 'sha1') } } as const;
    assert.equal(await codeOf(await signAssertion(cloud, certificate, older)), undefined);
  });

  it('accepts it in a customer tenant and by its domain', async () => {
    const { cloud, certificate, codeOf } = await createScene();
    const aud = 'https://login.microsoftonline.com/fabrikam.onmicrosoft.com/oauth2/v2.0/token';
    const assertion = await signAssertion(cloud, certificate, { claims: { aud } });
    assert.equal(await codeOf(assertion, {}, cloud.world.tenants[1]?.id), undefined);
  });

  it('accepts it for an on-behalf-of request', async () => {
    const { cloud, certificate, exchange } = await createScene();
    const credential = asCredential(await signAssertion(cloud, certificate));
    const token = await cloud.signIn(cloud.world.home.users[0]);
    assert.equal((await exchange(token, credential)).status, 200);
    const { body } = await exchange(token, { ...credential, client_assertion: 'a' });
    assert.deepEqual(read(body, 'error_codes'), [50027]);
  });

  it('accepts every registered certificate until it is removed', async () => {
    const { cloud, certificate, codeOf } = await createScene();
    const { administrator } = cloud;
    const next = await administrator.createCertificate();
    assert.equal(await codeOf(await signAssertion(cloud, next)), 700027);
    administrator.registerCertificate(next);
    assert.equal(await codeOf(await signAssertion(cloud, next)), undefined);
    assert.equal(await codeOf(await signAssertion(cloud, certificate)), undefined);
    administrator.unregisterCertificate(certificate);
    assert.equal(await codeOf(await signAssertion(cloud, certificate)), 700027);
    assert.equal(await codeOf(await signAssertion(cloud, next)), undefined);
  });

  it('keeps the chain and the claims of an assertion in the call log, not the assertion', async () => {
    const { cloud, certificate, codeOf } = await createScene();
    const assertion = await signAssertion(cloud, certificate, { claims: { jti: 'one' } });
    await codeOf(assertion);
    const [call] = cloud.calls.of('entra');
    assert.equal(call?.clientAssertion?.header.alg, 'PS256');
    assert.equal(call?.clientAssertion?.claims.jti, 'one');
    assert.equal(call?.body?.client_assertion, undefined);
    assert.ok(!JSON.stringify(call).includes(assertion.slice(-100)));
  });
});

describe('the token endpoint rejects an assertion', () => {
  let scene: Scene;
  let other: Certificate;
  before(async () => {
    scene = await createScene();
    other = await scene.cloud.administrator.createCertificate({ name: 'other' });
  });

  const sign = (claims: Readonly<Record<string, unknown>>) => signAssertion(scene.cloud, scene.certificate, { claims });
  const seconds = (offsetMinutes: number) => (startedAt + offsetMinutes * minuteMs) / 1000;
  const refusals: readonly [what: string, code: number, assertion: () => Promise<string> | string][] = [
    ['that is no JWT', 50027, () => 'a.b.c'],
    ['of an unknown certificate', 700027, () => signAssertion(scene.cloud, other)],
    ['that names no certificate', 700027, () => signAssertion(scene.cloud, scene.certificate, { header: {} })],
    [
      'that is signed with another key than that of the certificate it names',
      700027,
      () => signAssertion(scene.cloud, { ...scene.certificate, privateKey: other.privateKey }),
    ],
    ['with another algorithm', 700027, () => signAssertion(scene.cloud, scene.certificate, { alg: 'RS512' })],
    ['that was changed', 700027, async () => `${(await sign({})).slice(0, -8)}AAAAAAAA`],
    ['of another issuer', 700021, () => sign({ iss: 'someone' })],
    ['about another application', 700021, () => sign({ sub: 'someone' })],
    ['for another audience', 700023, () => sign({ aud: 'https://login.microsoftonline.com/common/oauth2/token' })],
    ['for a customer tenant', 700023, () => sign({ aud: signInAt('fabrikam.onmicrosoft.com') })],
    ['that has expired', 700024, () => sign({ nbf: seconds(-20), exp: seconds(-5) })],
    ['that is not valid yet', 700024, () => sign({ nbf: seconds(6), exp: seconds(20) })],
    ['that never expires', 700024, () => sign({ exp: undefined })],
  ];
  for (const [what, code, assertion] of refusals) {
    it(`${what} with AADSTS${code}`, async () => {
      assert.equal(await scene.codeOf(await assertion()), code);
    });
  }

  it('with another type: AADSTS900144', async () => {
    const assertion = await sign({});
    assert.equal(await scene.codeOf(assertion, { client_assertion_type: undefined }), 900144);
    assert.equal(await scene.codeOf(assertion, { client_assertion_type: `${assertionType}s` }), 900144);
  });

  it('but not for a clock that differs by five minutes', async () => {
    assert.equal(await scene.codeOf(await sign({ nbf: seconds(4), exp: seconds(14) })), undefined);
    assert.equal(await scene.codeOf(await sign({ nbf: seconds(-14), exp: seconds(-4) })), undefined);
  });

  it('with a certificate that has expired or is not valid yet: AADSTS700027', async () => {
    const { cloud, codeOf, requestToken, advance } = await createScene();
    const { administrator, now } = cloud;
    const expiring = await administrator.rotateCertificate({ expiresAt: now() + minuteMs });
    assert.equal(await codeOf(await signAssertion(cloud, expiring)), undefined);
    advance(minuteMs);
    const { status, body } = await requestToken(asCredential(await signAssertion(cloud, expiring)));
    assert.equal(status, 401);
    assert.equal(read(body, 'error'), 'invalid_client');
    assert.match(read(body, 'error_description'), /^AADSTS700027: .+ The key used is expired/);
    const future = await administrator.rotateCertificate({ startsAt: now() + minuteMs });
    assert.equal(await codeOf(await signAssertion(cloud, future)), 700027);
  });
});

function signInAt(tenant: string): string {
  return `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`;
}

describe('the credentials of @azure/identity', () => {
  it('prove the application with the certificate as PEM, and send its chain', async () => {
    const cloud = createCloud();
    const { application, home } = cloud.world;
    const certificate = await cloud.administrator.rotateCertificate();
    const credential = new ClientCertificateCredential(
      home.id,
      application.clientId,
      { certificate: toPem(certificate) },
      { sendCertificateChain: true, httpClient: createInMemoryHttpClient(cloud) },
    );
    const { token } = await credential.getToken(scope);
    assert.deepEqual(decodeJwt(token).roles, ['Incident.ReadWrite.All', 'AdvancedHunting.Read.All']);
    const { header } = cloud.calls.of('entra').at(-1)?.clientAssertion ?? {};
    assert.equal(header?.alg, 'PS256');
    const chain = [certificate.leaf, certificate.issuer].map(({ raw }) => raw.toString('base64'));
    assert.deepEqual(header?.x5c, chain);
    await cloud.administrator.rotateCertificate();
    const renewal = new ClientCertificateCredential(
      home.id,
      application.clientId,
      { certificate: toPem(certificate) },
      { httpClient: createInMemoryHttpClient(cloud) },
    );
    await assert.rejects(renewal.getToken(scope), /AADSTS700027/);
  });

  it('prove it on behalf of a user with a custom assertion', async () => {
    const cloud = createCloud();
    const { application, home } = cloud.world;
    const certificate = await cloud.administrator.rotateCertificate();
    const credential = new OnBehalfOfCredential({
      tenantId: home.id,
      clientId: application.clientId,
      getAssertion: () => signAssertion(cloud, certificate),
      userAssertionToken: await cloud.signIn(home.users[0]),
      httpClient: createInMemoryHttpClient(cloud),
    });
    assert.equal(decodeJwt((await credential.getToken(scope)).token).oid, home.users[0].objectId);
  });
});
