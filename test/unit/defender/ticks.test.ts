import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTicks, parseTicks } from '../../../shared/defender/ticks.ts';

const parse = (text: unknown) => {
  const ticks = parseTicks(text);
  return ticks === undefined ? undefined : formatTicks(ticks);
};

describe('parseTicks', () => {
  for (const [text, expected] of [
    ['2026-11-28T10:54:41Z', '2026-11-28T10:54:41.0000000Z'],
    ['2026-11-28T10:54:41.845', '2026-11-28T10:54:41.8450000Z'],
    ['2026-11-28T10:54:41.8451234', '2026-11-28T10:54:41.8451234Z'],
    ['2026-11-28T10:54:41.845+00:00', '2026-11-28T10:54:41.8450000Z'],
    ['2026-11-28T12:24:41.845+01:30', '2026-11-28T10:54:41.8450000Z'],
    ['2026-11-28T05:54:41-05:00', '2026-11-28T10:54:41.0000000Z'],
    ['2026-11-28T05:54:41-0500', '2026-11-28T10:54:41.0000000Z'],
    ['2026-11-28T05:54:41-05', '2026-11-28T10:54:41.0000000Z'],
    ['2026-11-28T10:54:41.123456789012Z', '2026-11-28T10:54:41.1234567Z'],
    ['2026-11-28t10:54:41.1z', '2026-11-28T10:54:41.1000000Z'],
    ['2026-11-28 10:54:41Z', '2026-11-28T10:54:41.0000000Z'],
    ['2026-11-28T10:54Z', '2026-11-28T10:54:00.0000000Z'],
  ])
    it(`reads ${text}`, () => assert.equal(parse(text), expected));

  for (const text of [
    '',
    'yesterday',
    '2026-11-28',
    '0001-01-01T00:00:00',
    '2026-13-01T00:00:00Z',
    1_764_327_281,
    null,
  ])
    it(`rejects ${JSON.stringify(text)}`, () => assert.equal(parse(text), undefined));
});
