import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, RequestError, UpstreamError, type UpstreamFailure } from '../../../shared/errors.ts';
import { isUncertain, replay, toStoredRefusal, toStoredResponse } from '../../../shared/inbound/idempotency.ts';
import { baseUrl } from './http-call.ts';

const failureOf = (failure: UpstreamFailure, others: { status?: number; code?: string; isUnsent?: boolean } = {}) =>
  new UpstreamError('It failed.', { service: 'defender', failure, ...others });

describe('a stored reply', () => {
  it('replays it unchanged', () => {
    const reply = { status: 202, headers: { 'retry-after': '5' }, contentType: 'application/json', body: '{"a":"ü"}' };
    assert.deepEqual(replay(toStoredResponse(reply, baseUrl), baseUrl), reply);
  });

  it('does not contain a secret', () => {
    const reply = { status: 201, body: '{"signingSecret":"whsec_x"}', bodyToRepeat: '{}' };
    assert.ok(!toStoredResponse(reply, baseUrl).includes('whsec_x'));
    assert.equal(replay(toStoredResponse(reply, baseUrl), baseUrl).body, '{}');
  });

  it('has a Location on the host of the present call', () => {
    const reply = { status: 202, headers: { location: `${baseUrl}/machine-actions/7` }, body: '' };
    const { headers } = replay(toStoredResponse(reply, baseUrl), 'https://other.example/api');
    assert.deepEqual(headers, { location: 'https://other.example/api/machine-actions/7' });
  });

  it('keeps a Location outside the app', () => {
    const location = 'https://contoso.example/x';
    const { headers } = replay(toStoredResponse({ headers: { location }, body: '' }, baseUrl), baseUrl);
    assert.deepEqual(headers, { location });
  });
});

describe('a stored refusal', () => {
  it('replays it unchanged if it is definite', () => {
    const upstream = { service: 'defender' as const, status: 400, code: 'InvalidInput', requestId: 'r-1' };
    const refusal = new RequestError(400, 'RejectedByDefender', 'No.', { upstream });
    assert.throws(
      () => replay(toStoredRefusal(refusal) ?? '', baseUrl),
      (error) => {
        assert.ok(error instanceof RequestError);
        const { status, code, message } = error;
        assert.deepEqual([status, code, message, error.upstream], [400, 'RejectedByDefender', 'No.', upstream]);
        return true;
      },
    );
  });

  it('stores nothing if a later call may succeed', () => {
    for (const code of ['InvalidRequest', 'MissingPermission', 'Throttled', 'InvalidUserToken']) {
      assert.equal(toStoredRefusal(new RequestError(400, code, 'No.')), undefined);
    }
    assert.equal(toStoredRefusal(failureOf('refused', { status: 404 })), undefined);
  });
});

describe('isUncertain', () => {
  it('returns true if the response was lost, late, malformed or a server error', () => {
    for (const error of [
      failureOf('connection', { code: 'ECONNRESET' }),
      failureOf('timeout'),
      failureOf('malformed', { status: 200 }),
      failureOf('refused', { status: 500 }),
      failureOf('refused', { status: 408 }),
      new TypeError('A bug'),
    ]) {
      assert.equal(isUncertain(error), true, error.message);
    }
  });

  it('returns false if the write was refused or never sent', () => {
    for (const error of [
      failureOf('connection', { code: 'ECONNREFUSED', isUnsent: true }),
      failureOf('refused', { status: 401 }),
      new UpstreamError('No token.', { service: 'keyVault', failure: 'timeout' }),
      new RequestError(429, 'Throttled', 'Slow down.'),
    ]) {
      assert.equal(isUncertain(error), false, error.message);
    }
  });

  it('returns false if settings are missing', () => assert.equal(isUncertain(new ConfigError([])), false));
});
