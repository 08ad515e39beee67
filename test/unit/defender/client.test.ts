import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallContext } from '../../../shared/defender/client.ts';
import { homeTenantId } from '../settings.ts';
import { graphCall, safeCall, unsafeCall } from './calls.ts';
import { createToken, openClient } from './open-client.ts';

describe('request', () => {
  test('goes to the API of the permission with a token for it', async () => {
    const { client, httpClient, scopes } = openClient({ script: [{ body: '{"a":1}' }, {}] });
    assert.equal(await client.send(safeCall), '{"a":1}');
    await client.send(graphCall);
    assert.deepEqual(
      httpClient.requests.map(({ method, url }) => `${method} ${url.href}`),
      ['GET https://api.security.microsoft.com/api/things?$top=1', 'GET https://graph.microsoft.com/v1.0/things'],
    );
    assert.deepEqual(scopes, [
      `${homeTenantId} https://api.security.microsoft.com/.default`,
      `${homeTenantId} https://graph.microsoft.com/.default`,
    ]);
    assert.equal(httpClient.requests[1]?.headers.authorization, `Bearer ${createToken(2, undefined)}`);
  });

  test('goes to the regional host with a token for the global resource', async () => {
    const { client, httpClient, scopes } = openClient({ script: [{}], region: 'eu' });
    await client.send(safeCall);
    assert.equal(httpClient.requests[0]?.url.origin, 'https://eu.api.security.microsoft.com');
    assert.deepEqual(scopes, [`${homeTenantId} https://api.security.microsoft.com/.default`]);
    assert.equal(client.addressOf('defenderXdr').origin, 'https://eu.api.security.microsoft.com');
  });

  test('carries the client request id in the header of the service', async () => {
    const { client, httpClient } = openClient({ script: [{}, {}] });
    await client.send(safeCall);
    await client.send(graphCall);
    const [toDefender, toGraph] = httpClient.requests.map(({ headers }) => headers);
    assert.deepEqual(
      [toDefender?.['x-ms-client-request-id'], toDefender?.['client-request-id']],
      ['caller-id', undefined],
    );
    assert.deepEqual([toGraph?.['x-ms-client-request-id'], toGraph?.['client-request-id']], [undefined, 'caller-id']);
  });

  test('has a content type only with a body', async () => {
    const { client, httpClient } = openClient({ script: [{}, {}] });
    await client.send(unsafeCall);
    await client.send(safeCall);
    const [change, read] = httpClient.requests;
    assert.deepEqual(
      [change?.body, change?.headers['content-type']],
      ['{"name":"ü"}', 'application/json; charset=utf-8'],
    );
    assert.deepEqual([read?.body, read?.headers['content-type']], [undefined, undefined]);
  });

  test('uses the cached token', async () => {
    const { client, scopes } = openClient({ script: [{}, {}] });
    await client.send(safeCall);
    await client.send(safeCall);
    assert.equal(scopes.length, 1);
  });
});

describe('response', () => {
  test('may be empty when successful', async () => {
    const { client } = openClient({ script: [{ status: 204 }] });
    assert.equal(await client.send(unsafeCall), '');
  });

  test('does not follow a redirect and reports it as an error', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const { client, httpClient } = openClient({
        script: [{ status, headers: { location: 'https://evil.example/' } }],
      });
      await assert.rejects(client.send(safeCall), { name: 'UpstreamError', failure: 'refused' });
      assert.equal(httpClient.requests.length, 1);
    }
  });

  test('becomes an error with the message of the service', async () => {
    const body = { error: { code: 'ODataError', message: 'No such option.', target: 't-1' } };
    const { client, clock } = openClient({ script: [{ status: 400, body }] });
    await assert.rejects(clock.runUntil(client.send(safeCall)), {
      name: 'UpstreamError',
      message: 'No such option.',
      failure: 'refused',
      upstream: { service: 'defender', status: 400, code: 'ODataError', requestId: 't-1' },
    });
  });
});

describe('401', () => {
  for (const call of [safeCall, unsafeCall]) {
    test(`drops the token and repeats the call once with a new one: ${call.method}`, async () => {
      const { client, httpClient, clock } = openClient({ script: [{ status: 401 }, { body: 'done' }] });
      assert.equal(await clock.runUntil(client.send(call)), 'done');
      assert.deepEqual(
        httpClient.requests.map(({ headers }) => headers.authorization),
        [1, 2].map((number) => `Bearer ${createToken(number, undefined)}`),
      );
    });

    test(`becomes an upstream failure when the new token is rejected too: ${call.method}`, async () => {
      const { client, httpClient, clock } = openClient({ script: [{ status: 401 }, { status: 401 }] });
      await assert.rejects(clock.runUntil(client.send(call)), {
        name: 'UpstreamError',
        failure: 'refused',
        upstream: { service: 'defender', status: 401, code: undefined, requestId: undefined },
      });
      assert.equal(httpClient.requests.length, 2);
    });
  }

  const claims = '{"access_token":{"nbf":{"essential":true,"value":"1701"}}}';
  const challenge = (encoded: string) => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${encoded}"` },
  });
  const asUser: CallContext['principal'] = {
    kind: 'user',
    tenantId: homeTenantId,
    assertion: 'a.b.c',
    assertionHash: 'hash',
    objectId: '22222222-2222-4333-8444-555555555555',
    expiresAt: Number.MAX_SAFE_INTEGER,
  };

  for (const encoding of ['base64', 'base64url'] as const) {
    test(`passes a lasting claims challenge in ${encoding} on to the user`, async () => {
      const script = Array(2).fill(challenge(Buffer.from(claims).toString(encoding)));
      const { client, httpClient } = openClient({ script, context: { principal: asUser } });
      await assert.rejects(client.send(safeCall), {
        name: 'RequestError',
        status: 401,
        code: 'InteractionRequired',
        headers: {
          'www-authenticate': `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`,
        },
      });
      assert.equal(httpClient.requests.length, 2);
    });
  }

  test('becomes an upstream failure with a challenge that is not for a user or not readable', async () => {
    const encoded = Buffer.from(claims).toString('base64');
    for (const [value, context] of [
      [encoded, {}],
      ['bm90IGpzb24=', { principal: asUser }],
    ] as const) {
      const { client } = openClient({ script: Array(2).fill(challenge(value)), context });
      await assert.rejects(client.send(safeCall), { name: 'UpstreamError', failure: 'refused' });
    }
  });

  test('leaves the new token in the cache', async () => {
    const { client, scopes } = openClient({ script: [{ status: 401 }, {}, {}] });
    await client.send(safeCall);
    await client.send(safeCall);
    assert.equal(scopes.length, 2);
  });
});

describe('observation of an attempt', () => {
  const call = {
    name: 'UpstreamCall',
    service: 'defender',
    operation: 'things.read',
    tenantId: homeTenantId,
    durationMs: 0,
  };

  test('has the status of the response', async () => {
    const { client, clock, observations } = openClient({ script: [{ status: 503 }, { broken: 'ECONNRESET' }, {}] });
    await clock.runUntil(client.send(safeCall));
    assert.deepEqual(
      observations.filter(({ name }) => name === 'UpstreamCall'),
      [
        { ...call, status: 503, succeeded: false },
        { ...call, succeeded: false },
        { ...call, status: 200, succeeded: true },
      ],
    );
  });

  test('has the duration', async () => {
    const { client, clock, observations } = openClient({ script: ['silence'] });
    await assert.rejects(clock.runUntil(client.send(safeCall)));
    const [observed] = observations.filter(({ name }) => name === 'UpstreamCall');
    assert.deepEqual(observed, { ...call, durationMs: 30_000, succeeded: false });
  });

  test('has no data of the request', async () => {
    const { client, observations } = openClient({ script: [{}] });
    await client.send({ ...unsafeCall, path: '/api/things/hunter2', body: { comment: 'hunter2' } });
    assert.doesNotMatch(JSON.stringify(observations), /hunter2|header1/);
  });
});
