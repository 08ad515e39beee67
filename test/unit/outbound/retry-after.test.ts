import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRetryAfterMs } from '../../../shared/outbound/retry-after.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const hourMs = 60 * 60_000;

describe('parseRetryAfterMs', () => {
  for (const [value, expectedMs] of [
    ['1', 1_000],
    [' 30 ', 30_000],
    ['0.2', 1_000],
    ['2.5', 3_000],
    ['3600', hourMs],
    ['86400', hourMs],
    ['Fri, 20 Nov 2026 12:00:07 GMT', 7_000],
    ['Friday, 20-Nov-26 12:00:07 GMT', 7_000],
    ['Fri Nov 20 12:00:07 2026', 7_000],
    ['Sat, 20 Nov 2027 12:00:00 GMT', hourMs],
  ] as const) {
    it(`reads ${value} as ${expectedMs} ms`, () => assert.equal(parseRetryAfterMs(value, now), expectedMs));
  }

  for (const value of [
    ...['', '0', '0.0', '-43', '-1', '+5', '1e3', '0x10', 'Infinity', 'NaN', 'soon', '5 seconds', '1,5'],
    // Timestamps in seconds and milliseconds.
    ...['1795435207', '1795435207000', '2026-11-20T12:00:07Z'],
    // The past.
    'Fri, 20 Nov 2026 11:59:59 GMT',
  ]) {
    it(`ignores "${value}"`, () => assert.equal(parseRetryAfterMs(value, now), undefined));
  }

  it('ignores an absent header', () => assert.equal(parseRetryAfterMs(undefined, now), undefined));
});
