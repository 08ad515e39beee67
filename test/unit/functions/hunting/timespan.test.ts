import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timespan } from '../../../../functions/hunting/timespan.ts';

const isAccepted = (text: string): boolean => timespan.safeParse(text).success;

test('timespan accepts an ISO 8601 duration', () => {
  for (const good of ['P7D', 'PT24H', 'P1DT12H', 'P2W', 'P1M', 'PT0.5S']) assert.ok(isAccepted(good), good);
});

test('timespan accepts an ISO 8601 interval of two instants, or of an instant and a duration', () => {
  for (const good of [
    '2026-11-01/2026-11-07',
    '2026-11-01T00:00:00Z/2026-11-07T12:00:00.1234567Z',
    '2026-11-01T00:00:00+02:00/P7D',
    'P7D/2026-11-07T00:00:00Z',
  ]) {
    assert.ok(isAccepted(good), good);
  }
});

test('timespan rejects anything else', () => {
  for (const wrong of [
    '',
    'P',
    'PT',
    'P1DT',
    '7d',
    '7.00:00:00',
    '2026-11-01',
    'P7D/P7D',
    'P7D ',
    'last week',
    'P-7D',
  ]) {
    assert.ok(!isAccepted(wrong), wrong);
  }
});
