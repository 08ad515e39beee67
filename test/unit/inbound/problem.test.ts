import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, RequestError, UpstreamError } from '../../../shared/errors.ts';
import { toProblemReply } from '../../../shared/inbound/problem.ts';

function problemOf(error: unknown) {
  const { status, headers, contentType, body = '' } = toProblemReply(error, 'invocation-1');
  assert.equal(contentType, 'application/problem+json; charset=utf-8');
  const problem: Record<string, unknown> = JSON.parse(body);
  assert.equal(problem.status, status);
  return { status, headers: headers ?? {}, problem, body };
}

describe('the problem of a RequestError', () => {
  it('contains all of its members', () => {
    const errors = [{ in: 'query', name: 'top', detail: 'must be a whole number' } as const];
    const upstream = { service: 'defender', status: 400, code: 'BadRequest', requestId: 'r' } as const;
    const { status, problem } = problemOf(
      new RequestError(400, 'InvalidRequest', 'top must be a whole number.', {
        errors,
        upstream,
        nextStep: 'Look again.',
      }),
    );
    assert.equal(status, 400);
    assert.deepEqual(problem, {
      type: 'urn:problem-type:defender-functions:InvalidRequest',
      title: 'Invalid request',
      status: 400,
      detail: 'top must be a whole number.',
      code: 'InvalidRequest',
      requestId: 'invocation-1',
      upstream,
      errors,
      nextStep: 'Look again.',
    });
  });

  it('has its headers', () => {
    const { headers } = problemOf(
      new RequestError(429, 'Throttled', 'Slow down.', { headers: { 'retry-after': '60' } }),
    );
    assert.deepEqual(headers, { 'retry-after': '60' });
  });

  it('omits members without a value', () => {
    const { problem } = problemOf(new RequestError(404, 'NotFound', 'There is no incident 7.'));
    assert.deepEqual(Object.keys(problem).sort(), ['code', 'detail', 'requestId', 'status', 'title', 'type']);
  });
});

describe('the problem of an UpstreamError', () => {
  for (const service of ['managedIdentity', 'keyVault', 'entra'] as const) {
    for (const failure of ['connection', 'timeout', 'refused', 'malformed'] as const) {
      it(`returns 503 CredentialUnavailable for ${service}: ${failure}`, () => {
        const { status, problem } = problemOf(
          new UpstreamError('No token.', { service, failure, code: 'AADSTS7000222', nextStep: 'Rotate the secret.' }),
        );
        assert.deepEqual([status, problem.code], [503, 'CredentialUnavailable']);
        assert.deepEqual(problem.upstream, { service, code: 'AADSTS7000222' });
        assert.equal(problem.nextStep, 'Rotate the secret.');
      });
    }
  }

  for (const service of ['defender', 'graph', 'storage'] as const) {
    it(`returns 504 UpstreamTimeout for a timeout of ${service}`, () => {
      const { status, problem } = problemOf(new UpstreamError('Too late.', { service, failure: 'timeout' }));
      assert.deepEqual([status, problem.code], [504, 'UpstreamTimeout']);
    });

    it(`returns 504 UpstreamTimeout for a lasting 408 of ${service}`, () => {
      const { status, problem } = problemOf(new UpstreamError('Late.', { service, failure: 'refused', status: 408 }));
      assert.deepEqual([status, problem.code], [504, 'UpstreamTimeout']);
    });

    it(`returns 502 UpstreamFailed for every other failure of ${service}`, () => {
      for (const answer of [
        { failure: 'connection', code: 'ECONNRESET' },
        { failure: 'malformed' },
        ...[302, 401, 410, 500, 503].map((answered) => ({ failure: 'refused', status: answered }) as const),
      ] as const) {
        const error = new UpstreamError('Broken.', { service, ...answer });
        const { status, problem } = problemOf(error);
        assert.deepEqual([status, problem.code, problem.detail], [502, 'UpstreamFailed', 'Broken.']);
      }
    });
  }

  it('has Retry-After in whole seconds, at least one', () => {
    const retryAfterOf = (retryAfterMs: number) =>
      problemOf(new UpstreamError('Busy.', { service: 'entra', failure: 'refused', retryAfterMs })).headers;
    assert.deepEqual(retryAfterOf(30_000), { 'retry-after': '30' });
    assert.deepEqual(retryAfterOf(1_001), { 'retry-after': '2' });
    assert.deepEqual(retryAfterOf(0), { 'retry-after': '1' });
  });
});

it('returns 500 InvalidConfiguration that lists every invalid setting', () => {
  const errors = [{ in: 'setting', name: 'KEY_VAULT_URL', detail: 'is required' } as const];
  const { status, problem } = problemOf(new ConfigError(errors));
  assert.deepEqual([status, problem.code, problem.errors], [500, 'InvalidConfiguration', errors]);
});

describe('the problem of a bug', () => {
  const secret = 'eyJ0.secret.value';
  const bugs: [string, unknown][] = [
    [
      'an Error',
      Object.assign(new Error(secret, { cause: secret }), { code: secret, status: 418, headers: { x: secret } }),
    ],
    ['a TypeError', new TypeError(secret)],
    ['an error that looks like ours', { name: 'RequestError', status: 418, code: secret, message: secret }],
    ['a text', secret],
    ['nothing', undefined],
  ];
  for (const [name, bug] of bugs) {
    it(`returns 500 InternalError and nothing but the request id: ${name}`, () => {
      const { status, problem, headers, body } = problemOf(bug);
      assert.equal(status, 500);
      assert.deepEqual(headers, {});
      assert.deepEqual(Object.keys(problem).sort(), ['code', 'detail', 'requestId', 'status', 'title', 'type']);
      assert.deepEqual([problem.code, problem.requestId], ['InternalError', 'invocation-1']);
      assert.doesNotMatch(body, /secret/);
    });
  }
});
