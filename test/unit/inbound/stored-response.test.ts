import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, RequestError, UpstreamError, type UpstreamFailure } from '../../../shared/errors.ts';
import { isUncertain, replay, toStoredRefusal, toStoredResponse } from '../../../shared/inbound/stored-response.ts';
import { baseUrl } from './http-call.ts';

const failureOf = (failure: UpstreamFailure, others: { status?: number; code?: string } = {}) =>
  new UpstreamError('It failed.', { service: 'defender', failure, ...others });

describe('a reply', () => {
  test('is recalled as it was', () => {
    const reply = { status: 202, headers: { 'retry-after': '5' }, contentType: 'application/json', body: '{"a":"ü"}' };
    assert.deepEqual(replay(toStoredResponse(reply, baseUrl), baseUrl), reply);
  });

  test('is recalled without what is said only once', () => {
    const reply = { status: 201, body: '{"signingSecret":"whsec_x"}', bodyToRepeat: '{}' };
    assert.ok(!toStoredResponse(reply, baseUrl).includes('whsec_x'));
    assert.equal(replay(toStoredResponse(reply, baseUrl), baseUrl).body, '{}');
  });

  test('leads to the host of the present call', () => {
    const reply = { status: 202, headers: { location: `${baseUrl}/machine-actions/7` }, body: '' };
    const { headers } = replay(toStoredResponse(reply, baseUrl), 'https://other.example/api');
    assert.deepEqual(headers, { location: 'https://other.example/api/machine-actions/7' });
  });

  test('leads where it led when that is no address of the app', () => {
    const location = 'https://contoso.example/x';
    const { headers } = replay(toStoredResponse({ headers: { location }, body: '' }, baseUrl), baseUrl);
    assert.deepEqual(headers, { location });
  });
});

describe('a refusal', () => {
  test('that is definite is recalled as it was', () => {
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

  test('that another call may not meet is not remembered', () => {
    for (const code of ['InvalidRequest', 'MissingPermission', 'Throttled', 'InvalidUserToken']) {
      assert.equal(toStoredRefusal(new RequestError(400, code, 'No.')), undefined);
    }
    assert.equal(toStoredRefusal(failureOf('refused', { status: 404 })), undefined);
  });
});

describe('a change that failed', () => {
  test('may have been made when its answer was lost, late, broken or an error of the service', () => {
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

  test('was not made when it was refused, or never sent', () => {
    for (const error of [
      failureOf('connection', { code: 'ECONNREFUSED' }),
      failureOf('refused', { status: 401 }),
      new UpstreamError('No token.', { service: 'keyVault', failure: 'timeout' }),
      new RequestError(429, 'Throttled', 'Slow down.'),
    ]) {
      assert.equal(isUncertain(error), false, error.message);
    }
  });

  test('was not made when settings are missing', () => assert.equal(isUncertain(new ConfigError([])), false));
});
