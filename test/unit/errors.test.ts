import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestError, UpstreamError } from '../../shared/errors.ts';

const forged = {
  service: 'defender',
  code: 'Bad\r\n2026 WARN forged\u2028\u001b[31m',
  requestId: `\n${'x'.repeat(500)}`,
} as const;

describe('an error of a service', () => {
  for (const error of [
    new UpstreamError('failed', { ...forged, failure: 'refused' }),
    new RequestError(400, 'RejectedByDefender', 'failed', { upstream: forged }),
  ]) {
    it(`keeps codes and ids that could forge a log line out of ${error.name}`, () => {
      assert.equal(error.upstream?.code, 'Bad2026WARNforged[31m');
      assert.match(error.upstream?.requestId ?? '', /^x{128}$/);
    });
  }

  it('has no code rather than an empty one', () => {
    assert.equal(
      new UpstreamError('failed', { service: 'graph', failure: 'refused', code: '\n' }).upstream.code,
      undefined,
    );
  });
});
