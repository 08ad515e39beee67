import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { json } from '../sandbox/exchange.ts';
import { type Effect, holdUntil, replyWith } from '../sandbox/faults.ts';
import type { Reply } from './call.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, faults, calls } = cloud;
const customers = ['fabrikam', 'northwind', 'woodgrove'].map((name) => `${name}.onmicrosoft.com`);
const { call, host } = await useApp({ cloud, settings: { DEFENDER_TENANTS: customers.join(',') } });

const list = (tenantId?: string) =>
  call(`GET /incidents?top=1${tenantId === undefined ? '' : `&tenantId=${tenantId}`}`);
const hunt = () => call('POST /hunting', { json: { query: 'AlertInfo | count' } });
const tokenCalls = () => calls.of('entra').filter(({ path }) => path.endsWith('/token'));

/** Calls of each service, without discovery documents. */
const counts = () => ({
  identity: calls.count('managedIdentity'),
  vault: calls.count('keyVault'),
  token: tokenCalls().length,
  defender: calls.count('defenderXdr'),
});

const refusal = json(401, { error: { code: 'Unauthorized', message: 'The token is not valid.', target: 'x' } });

describe('a token', () => {
  beforeEach(() => host.restart());

  it('costs one identity call, one secret read and one token request for 100 concurrent callers', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, () => list()));
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(counts(), { identity: 1, vault: 2, token: 1, defender: 100 });
  });

  it('is requested once for each API, with one secret read', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? list() : hunt())));
    assert.deepEqual(counts(), { identity: 1, vault: 2, token: 2, defender: 20 });
    assert.deepEqual(
      tokenCalls()
        .map(({ body }) => body?.scope)
        .map((scope) => String(scope).split(' ')[0])
        .sort(),
      ['https://api.security.microsoft.com/.default', 'https://graph.microsoft.com/.default'],
    );
  });

  it('is served from memory', async () => {
    await list();
    calls.clear();
    await list();
    assert.deepEqual(counts(), { identity: 0, vault: 0, token: 0, defender: 1 });
  });

  it('fails for all waiting callers with one request; the next caller tries again', async () => {
    const remove = faults.add({ service: 'managedIdentity', effect: replyWith(json(400, { statusCode: 400 })) });
    const replies = await Promise.all(Array.from({ length: 20 }, () => list()));
    for (const reply of replies) assertProblem(reply, 503, 'CredentialUnavailable');
    assert.deepEqual(counts(), { identity: 1, vault: 1, token: 0, defender: 0 });
    remove();
    assertStatus(await list(), 200);
  });

  it('is renewed in the background while callers use the old one', async () => {
    const removeWish = faults.add({ service: 'entra', effect: wantRenewal });
    const oldToken = await bearerOf(list);
    removeWish();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    faults.add({ service: 'entra', effect: holdUntil(released) });
    while (counts().token < 2) assertStatus(await list(), 200);
    assert.equal(await bearerOf(list), oldToken);
    assert.equal(counts().token, 2);
    release();
  });

  it('survives an outage of every service that issued it', async () => {
    await list();
    for (const service of ['managedIdentity', 'keyVault', 'entra'] as const) {
      faults.add({ service, effect: replyWith(json(503, { error: { code: 'Unavailable', message: 'Down.' } })) });
    }
    assertStatus(await list(), 200);
  });

  it('is replaced when Defender rejects it, invisible to the caller', async () => {
    await list();
    calls.clear();
    faults.add({ service: 'defenderXdr', times: 1, effect: replyWith(refusal) });
    assertStatus(await list(), 200);
    assert.deepEqual(counts(), { identity: 0, vault: 0, token: 1, defender: 2 });
  });

  it('is replaced once for all callers whose call was rejected', async () => {
    const rejected = await bearerOf(list);
    calls.clear();
    faults.add({
      service: 'defenderXdr',
      match: ({ headers }) => headers.authorization === rejected,
      effect: replyWith(refusal),
    });
    const replies = await Promise.all(Array.from({ length: 20 }, () => list()));
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
    assert.equal(counts().token, 1);
  });

  it('is replaced once only: a second 401 is 502', async () => {
    faults.add({ service: 'defenderXdr', effect: replyWith(refusal) });
    const { upstream } = assertProblem(await list(), 502, 'UpstreamFailed');
    assert.deepEqual(upstream, { service: 'defender', status: 401, code: 'Unauthorized', requestId: 'x' });
    assert.deepEqual(counts(), { identity: 1, vault: 2, token: 2, defender: 2 });
  });
});

describe('a client secret', () => {
  beforeEach(() => host.restart());

  it('is read again once when Entra rejects it, without a restart', async () => {
    await list();
    calls.clear();
    administrator.rotateSecret();
    assertStatus(await list(customers[0]), 200);
    assert.deepEqual(counts(), { identity: 0, vault: 2, token: 2, defender: 1 });
  });

  it('is read again once for all tenants', async () => {
    await list();
    administrator.rotateSecret();
    calls.clear();
    const replies = await Promise.all(customers.map(list));
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal(counts().vault, 2);
  });

  it('stays in use while Key Vault is down', async () => {
    await list();
    faults.add({ service: 'keyVault', effect: replyWith(json(503, { error: { code: 'Unavailable', message: '' } })) });
    assertStatus(await list(customers[0]), 200);
  });

  it('is reported as expired with a next step until it is replaced', async () => {
    administrator.expireSecret();
    const problem = assertProblem(await list(), 503, 'CredentialUnavailable');
    assert.match(problem.detail, /secret has expired/);
    assert.match(problem.nextStep ?? '', /new client secret/);
    assert.partialDeepStrictEqual(problem.upstream, { service: 'entra', status: 401, code: 'AADSTS7000222' });
    assert.ok(problem.upstream?.requestId);
    administrator.rotateSecret();
    assertStatus(await list(), 200);
  });
});

/** A token that Entra wants renewed within the second. */
const wantRenewal: Effect = async (_request, answer) => {
  const reply = await answer();
  if ('broken' in reply || typeof reply.body !== 'string' || !reply.body.includes('access_token')) return reply;
  return { ...reply, body: JSON.stringify({ ...JSON.parse(reply.body), refresh_in: 0.001 }) };
};

/** The authorization with which `action` calls Defender. */
async function bearerOf(action: () => Promise<Reply>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const remove = faults.add({
    service: 'defenderXdr',
    effect: ({ headers }, answer) => {
      resolve(headers.authorization ?? '');
      return answer();
    },
  });
  assertStatus(await action(), 200);
  remove();
  return await promise;
}
