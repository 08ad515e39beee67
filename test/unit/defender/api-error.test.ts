import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { Api } from '../../../shared/clouds.ts';
import { parseQuotaWindowMs, toApiError } from '../../../shared/defender/api-error.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

function errorOf(api: Api, body: unknown, headers: Record<string, string> = {}, status = 400) {
  const request = createPipelineRequest({ url: 'https://api.security.microsoft.com' });
  const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
  return toApiError(api, { request, status, headers: createHttpHeaders(headers), bodyAsText }, now);
}

describe('error of Defender', () => {
  test('has the code, the message, and the target as request id', () => {
    const error = errorOf('defenderXdr', {
      error: { code: 'ODataError', message: 'No such option.', target: '|dda9-44.' },
    });
    assert.equal(error.message, 'No such option.');
    assert.deepEqual(error.upstream, { service: 'defender', status: 400, code: 'ODataError', requestId: '|dda9-44.' });
  });
});

describe('error of Graph', () => {
  for (const member of ['innerError', 'innererror']) {
    test(`has the request id of ${member}`, () => {
      const inner = { date: '2026-11-20T12:00:00', 'request-id': 'r-1', 'client-request-id': 'c-1' };
      const error = errorOf('graph', { error: { code: 'BadRequest', message: 'No such table.', [member]: inner } });
      assert.equal(error.message, 'No such table.');
      assert.deepEqual(error.upstream, { service: 'graph', status: 400, code: 'BadRequest', requestId: 'r-1' });
    });
  }

  test("has a message of its own when Graph's is empty", () => {
    const error = errorOf('graph', { error: { code: 'UnknownError', message: '' } }, {}, 500);
    assert.equal(error.message, 'Microsoft Graph returned 500.');
    assert.equal(error.upstream.code, 'UnknownError');
  });
});

describe('error of either service', () => {
  test('prefers the request id of the headers', () => {
    const body = { error: { code: 'x', message: 'y', target: 't' } };
    assert.equal(errorOf('defenderXdr', body, { 'x-ms-request-id': 'h-1' }).upstream.requestId, 'h-1');
    assert.equal(errorOf('graph', body, { 'request-id': 'h-2' }).upstream.requestId, 'h-2');
  });

  test('names the status when the body is not the documented JSON', () => {
    for (const body of ['', '<html>secret</html>', '[]', '"secret"', 'null', '{"error":"secret"}']) {
      const error = errorOf('defenderXdr', body, {}, 503);
      assert.equal(error.message, 'Defender returned 503.');
      assert.deepEqual(error.upstream, { service: 'defender', status: 503, code: undefined, requestId: undefined });
    }
  });

  test('ignores only the malformed member', () => {
    const odd = { code: 429, message: 'Slow down.', target: null };
    assert.equal(errorOf('defenderXdr', { error: odd }).message, 'Slow down.');
    const nulls = { code: 'BadRequest', message: 'No such table.', innerError: null };
    assert.equal(errorOf('graph', { error: nulls }).message, 'No such table.');
  });

  test('truncates a long message', () => {
    const error = errorOf('graph', { error: { code: 'BadRequest', message: 'x'.repeat(1_000_000) } });
    assert.equal(error.message.length, 2_000);
  });

  test('reads Retry-After in seconds and as a date', () => {
    assert.equal(errorOf('graph', {}, { 'retry-after': '7' }).retryAfterMs, 7_000);
    assert.equal(errorOf('graph', {}, { 'retry-after': 'Fri, 20 Nov 2026 12:01:00 GMT' }).retryAfterMs, 60_000);
    assert.equal(errorOf('graph', {}, { 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }).retryAfterMs, undefined);
    assert.equal(errorOf('graph', {}, { 'retry-after': 'soon' }).retryAfterMs, undefined);
    assert.equal(errorOf('graph', {}).retryAfterMs, undefined);
  });
});

test('parseQuotaWindowMs reads the window from the message', () => {
  const sentence = (window: string) => `API calls quota exceeded! maximum allowed 45 per ${window}`;
  assert.equal(parseQuotaWindowMs(sentence('00:01:00')), 60_000);
  assert.equal(parseQuotaWindowMs(sentence('01:00:00')), 3_600_000);
  assert.equal(parseQuotaWindowMs(sentence('00:00:30')), 30_000);
  assert.equal(parseQuotaWindowMs('45 per minute'), undefined);
  assert.equal(parseQuotaWindowMs(''), undefined);
});
