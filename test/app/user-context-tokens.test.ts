import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeJwt, UnsecuredJWT } from 'jose';
import { json } from '../sandbox/exchange.ts';
import type { User } from '../sandbox/user.ts';
import type { CallOptions, Reply } from './call.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, calls, faults, world } = cloud;
const { home } = world;
const fabrikam = world.tenants[1];
assert.ok(fabrikam);
const { call } = await useApp({ cloud, settings: { WEBSITE_AUTH_ENABLED: 'True', DEFENDER_TENANTS: fabrikam.id } });

const bearer = (token: string): CallOptions => ({ headers: { authorization: `Bearer ${token}` } });
const as = async (user: User) => bearer(await cloud.signIn(user));
const newcomer = (tenant = home) => administrator.addUser(`${crypto.randomUUID()}@${tenant.domain}`, tenant);
const list = (options?: CallOptions) => call('GET /incidents?top=1', options);
const hunt = (options?: CallOptions) => call('POST /hunting', { ...options, json: { query: 'AlertInfo | count' } });
const tokenCalls = () => calls.of('entra').filter(({ path }) => path.endsWith('/token'));

const rejected = json(401, { error: { code: 'Unauthorized', message: 'The token is not valid.', target: 'x' } });

function assertUnusable(reply: Reply, of: string) {
  assert.equal(reply.status, 401, `${of}: ${reply.text}`);
  assert.equal(reply.headers.get('www-authenticate'), 'Bearer error="invalid_token"');
  return assertProblem(reply, 401, 'InvalidUserToken');
}

describe('an invalid user token', () => {
  it('is 401 without an upstream call', async () => {
    const [user] = home.users;
    const good = await cloud.signIn(user);
    const claims = decodeJwt(good);
    const tokens = {
      opaque: 'opaque-token',
      'three parts of nothing': 'a.b.c',
      'cut off': good.split('.').slice(0, 2).join('.'),
      expired: await cloud.signIn(user, { expiresInSeconds: 0 }),
      'for Graph': await cloud.signIn(user, { audience: 'https://graph.microsoft.com' }),
      'for another app': await cloud.signIn(user, { audience: `api://${fabrikam.id}` }),
      "an application's that has expired": await cloud.signInApp({ expiresInSeconds: 0 }),
      "an application's for Graph": await cloud.signInApp({ audience: 'https://graph.microsoft.com' }),
      'of no tenant': new UnsecuredJWT({ ...claims, tid: 'common' }).encode(),
      'of a domain': new UnsecuredJWT({ ...claims, tid: 'unknown.example' }).encode(),
    };
    for (const [name, token] of Object.entries(tokens)) {
      assertUnusable(await list(bearer(token)), name);
      assertUnusable(await list({ headers: { 'x-ms-token-aad-access-token': token } }), `${name}, passed on`);
      assert.deepEqual(calls.all, [], name);
    }
  });

  it('is an Authorization header without a bearer token', async () => {
    const good = await cloud.signIn(home.users[0]);
    for (const authorization of ['', 'Bearer', 'Bearer ', good, 'Basic YTpi', `Basic ${good}`, `Bearer ${good} x`]) {
      assertUnusable(await list({ headers: { authorization } }), authorization);
    }
    assert.equal(calls.all.length, 0);
  });

  it('is 401 when its signature does not match, without an exchange', async () => {
    const user = newcomer();
    const good = await cloud.signIn(user);
    assertStatus(await list(bearer(good)), 200);
    const [header, payload, signature] = good.split('.');
    const other = Buffer.from(JSON.stringify({ ...decodeJwt(good), oid: home.users[0].objectId })).toString(
      'base64url',
    );
    const forgeries = {
      'with other claims': [header, other, signature].join('.'),
      'with another signature': [header, payload, signature?.split('').reverse().join('')].join('.'),
      'with no signature': `${header}.${payload}.`,
    };
    calls.clear();
    for (const [name, token] of Object.entries(forgeries)) {
      assertUnusable(await list(bearer(token)), name);
    }
    assert.deepEqual([tokenCalls().length, calls.count('defenderXdr')], [0, 0]);
    assertStatus(await list(bearer(good)), 200);
  });

  it('is 401 when its user is deleted', async () => {
    const stranger = { ...newcomer(), objectId: crypto.randomUUID() };
    assert.equal(assertUnusable(await list(await as(stranger)), 'gone').upstream?.code, 'AADSTS50020');
  });
});

describe('a user token', () => {
  it('is exchanged once for each API for concurrent calls', async () => {
    const user = newcomer();
    const options = await as(user);
    await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? list(options) : hunt(options))));
    const asked = tokenCalls().map(({ path, claims, body }) => ({
      path,
      oid: claims?.oid,
      grant: body?.grant_type,
      use: body?.requested_token_use,
      resource: String(body?.scope).replace(/ .*/, ''),
    }));
    const exchange = (resource: string) => ({
      path: `/${home.id}/oauth2/v2.0/token`,
      oid: user.objectId,
      grant: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      use: 'on_behalf_of',
      resource,
    });
    assert.deepEqual(
      asked.sort((a, b) => a.resource.localeCompare(b.resource)),
      ['https://api.security.microsoft.com/.default', 'https://graph.microsoft.com/.default'].map(exchange),
    );
  });

  it('is exchanged separately from an earlier token of the same user', async () => {
    const user = newcomer();
    await list(await as(user));
    calls.clear();
    await list(await as(user));
    assert.equal(tokenCalls().length, 1);
  });

  it('is exchanged again when Defender rejects the result, invisible to the caller', async () => {
    const options = await as(newcomer());
    await list(options);
    calls.clear();
    faults.add({ service: 'defenderXdr', times: 1, effect: () => rejected });
    assertStatus(await list(options), 200);
    assert.deepEqual([tokenCalls().length, calls.count('defenderXdr')], [1, 2]);
  });

  it('is not exchanged for a call that the app rejects', async () => {
    const options = await as(newcomer());
    assertProblem(await call('GET /incidents?top=0', options), 400, 'InvalidRequest');
    assert.equal(calls.all.length, 0);
  });
});

describe('a client secret', () => {
  it('is read again once after a rotation, invisible to users', async () => {
    const known = await as(newcomer());
    assertStatus(await list(known), 200);
    administrator.rotateSecret();
    calls.clear();
    assertStatus(await list(known), 200);
    assert.equal(tokenCalls().length, 0);
    const users = await Promise.all(Array.from({ length: 8 }, (_, index) => as(newcomer(index < 4 ? home : fabrikam))));
    for (const reply of await Promise.all(users.map(list))) assertStatus(reply, 200);
    assert.equal(calls.count('keyVault'), 2);
  });

  it('is reported as expired, not as an invalid user token', async () => {
    administrator.expireSecret();
    const options = await as(newcomer());
    const { upstream } = assertProblem(await list(options), 503, 'CredentialUnavailable');
    assert.equal(upstream?.code, 'AADSTS7000222');
    administrator.rotateSecret();
    assertStatus(await list(options), 200);
  });
});
