import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { ConfigError, RequestError, UpstreamError } from '../../../shared/errors.ts';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { pageOf } from '../../../shared/inbound/page-reply.ts';
import { json, jsonAnswer, noContent } from '../../../shared/inbound/reply.ts';
import type { Endpoint } from '../../../shared/inbound/request-context.ts';
import { call, createRequest, createTestApp } from './http-call.ts';

const answering = (result: unknown): Endpoint =>
  endpoint({
    route: 'GET things',
    summary: 'x',
    authLevel: 'anonymous',
    hasTenant: false,
    reply: json(z.unknown()),
    handle: () => result,
  });

const throwing = (error: unknown): Endpoint =>
  endpoint({
    route: 'GET things',
    summary: 'x',
    authLevel: 'anonymous',
    hasTenant: false,
    reply: json(z.unknown()),
    handle: () => {
      throw error;
    },
  });

const withId = (id: string) => createRequest({ headers: { 'x-ms-client-request-id': id } });

describe('every reply', () => {
  const replies: [string, Endpoint, number, string][] = [
    ['a success', answering({ a: 1 }), 200, 'application/json; charset=utf-8'],
    ['a problem', throwing(new RequestError(404, 'NotFound', 'x')), 404, 'application/problem+json; charset=utf-8'],
    ['a bug', throwing(new Error('x')), 500, 'application/problem+json; charset=utf-8'],
  ];
  for (const [name, declared, expected, contentType] of replies) {
    it(`has its media type, no-store and both request ids: ${name}`, async () => {
      const { status, headers } = await call(declared, withId('my-id'));
      assert.equal(status, expected);
      assert.deepEqual(Object.fromEntries(headers), {
        'cache-control': 'no-store',
        'content-type': contentType,
        'x-content-type-options': 'nosniff',
        'x-ms-client-request-id': 'my-id',
        'x-ms-request-id': 'invocation-1',
      });
    });
  }

  it('has neither body nor Content-Type for 204', async () => {
    const silent = endpoint({
      route: 'DELETE things',
      summary: 'x',
      authLevel: 'anonymous',
      hasTenant: false,
      reply: noContent('x'),
      handle() {},
    });
    const { status, headers, text } = await call(silent, createRequest({ method: 'DELETE' }));
    assert.deepEqual([status, text, headers.get('content-type')], [204, '', null]);
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  it('has the parts of a large body one after another', async () => {
    const declared = endpoint({
      route: 'GET things',
      summary: 'x',
      authLevel: 'anonymous',
      hasTenant: false,
      reply: pageOf(z.unknown()),
      handle: () => ({ parts: ['["\u00fc', '', '\u4e16\ud83d\ude00"', ']'], next: undefined }),
    });
    assert.equal((await call(declared, createRequest())).text, '{"value":["\u00fc\u4e16\ud83d\ude00"]}');
  });

  it('generates x-ms-client-request-id if it is missing or invalid', async () => {
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    for (const request of [createRequest(), withId(''), withId('a'.repeat(129)), withId('ü')]) {
      const { headers } = await call(answering(1), request);
      assert.match(headers.get('x-ms-client-request-id') ?? '', uuid);
    }
    const longest = '~'.repeat(128);
    assert.equal((await call(answering(1), withId(longest))).headers.get('x-ms-client-request-id'), longest);
  });

  it("has the problem's headers and its requestId", async () => {
    const error = new RequestError(429, 'Throttled', 'x', { headers: { 'retry-after': '7' } });
    const { headers, json: problem } = await call(throwing(error), createRequest());
    assert.equal(problem().requestId, headers.get('x-ms-request-id'));
    assert.equal(headers.get('retry-after'), '7');
  });

  it('has valid headers for any result', async () => {
    const location = 'https://contoso.com/\u00fc\u4e16\r\nx-forged: 1';
    const declared = endpoint({
      route: 'GET things',
      summary: 'x',
      authLevel: 'anonymous',
      hasTenant: false,
      reply: jsonAnswer(z.unknown(), { statuses: [201] }),
      handle: () => ({ status: 201, headers: { location }, value: 1 }),
    });
    const { headers } = await call(declared, createRequest());
    assert.equal(headers.get('location'), 'https://contoso.com/x-forged: 1');
    assert.equal(headers.get('x-forged'), null);
  });
});

describe('the log', () => {
  it('contains nothing after a success', async () => {
    assert.deepEqual((await call(answering(1), createRequest())).log, []);
  });

  it('contains the code of a request error, not its message', async () => {
    const error = new RequestError(400, 'InvalidQuery', 'no column named hunter2', {
      errors: [{ in: 'body', name: '/query', detail: 'hunter2' }],
      upstream: { service: 'graph', status: 400, code: 'BadRequest', requestId: 'r-1' },
      cause: new Error('hunter2'),
    });
    const { log } = await call(throwing(error), createRequest());
    assert.deepEqual(log, ['information: 400 InvalidQuery (graph 400 BadRequest r-1)']);
  });

  it('contains a warning for a failed service, not its message', async () => {
    const sentence = "Failed on: where AccountName == 'megan'";
    const error = new UpstreamError(sentence, { service: 'graph', failure: 'refused', status: 503, requestId: 'r1' });
    const { log } = await call(throwing(error), createRequest());
    assert.deepEqual(log, ['warning: refused (graph 503 r1)']);
  });

  it('contains one error for a bug, with its stack', async () => {
    const { log } = await call(throwing(new TypeError('a bug')), createRequest());
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /^error: TypeError: a bug\n +at .*boundary\.test\.ts/);
    assert.deepEqual((await call(throwing('no error'), createRequest())).log, ['error: no error']);
  });

  it('contains the names of invalid settings', async () => {
    const error = new ConfigError([{ in: 'setting', name: 'KEY_VAULT_URL', detail: 'is required' }]);
    const { log } = await call(throwing(error), createRequest());
    assert.match(log.join(), /^error: ConfigError: Invalid settings: KEY_VAULT_URL/);
  });
});

it('returns 500 InternalError for a result that cannot be serialized', async () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const { status, json: problem } = await call(answering(circular), createRequest());
  assert.deepEqual([status, problem().code], [500, 'InternalError']);
});

describe('invalid settings', () => {
  const withKey = { route: 'GET things', summary: 'x', role: 'Incident.Read', reply: json(z.unknown()) } as const;
  const errors = [{ in: 'setting' as const, name: 'KEY_VAULT_URL', detail: 'is required' }];

  it('are not named to anonymous callers', async () => {
    const { status, text } = await call(throwing(new ConfigError(errors)), createRequest());
    assert.equal(status, 500);
    assert.match(text, /InvalidConfiguration/);
    assert.doesNotMatch(text, /KEY_VAULT_URL/);
  });

  it('are not named to callers of an app without function keys, whose tokens cannot be validated', async () => {
    const declared = endpoint({ ...withKey, handle: () => 'done' });
    for (const [mode, named] of [
      ['key', true],
      ['keyAndToken', true],
      ['token', false],
    ] as const) {
      const app = { ...createTestApp({}, {}), callerAuthentication: mode };
      const { status, text } = await call(declared, createRequest(), app);
      assert.deepEqual([status, text.includes('KEY_VAULT_URL')], [500, named], mode);
    }
  });

  it('are named to an authenticated caller in every mode', async () => {
    const declared = endpoint({
      ...withKey,
      handle: () => {
        throw new ConfigError(errors);
      },
    });
    const { text } = await call(declared, createRequest(), createTestApp());
    assert.match(text, /KEY_VAULT_URL/);
  });
});
