import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseTimespan } from '../../sandbox/timespan.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-11-20T00:00:00Z');

it('reads every form of a timespan', () => {
  assert.deepEqual(parseTimespan('P7D', now), { from: now - 7 * day, to: now });
  assert.deepEqual(parseTimespan('P1DT12H', now), { from: now - 1.5 * day, to: now });
  assert.deepEqual(parseTimespan('2026-11-01T00:00:00Z/2026-11-02T00:00:00Z', now), {
    from: now - 19 * day,
    to: now - 18 * day,
  });
  assert.deepEqual(parseTimespan('2026-11-01/P1D', now), { from: now - 19 * day, to: now - 18 * day });
  assert.deepEqual(parseTimespan('PT24H/2026-11-02T00:00:00Z', now), { from: now - 19 * day, to: now - 18 * day });
  assert.deepEqual(parseTimespan('2026-11-01T02:00:00+02:00', now), { from: now - 19 * day, to: now });
});

it('rejects other text', () => {
  for (const text of ['', 'P', 'PT', '7d', 'P7D/P1D', 'P1D/', 'tomorrow', 'P1D/2026-11-02/P1D']) {
    assert.equal(parseTimespan(text, now), undefined, text);
  }
});
