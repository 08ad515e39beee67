import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNcrontab } from '../../../shared/hunts/ncrontab.ts';

/** The next occurrences after an instant, without milliseconds. */
function occurrences(expression: string, after: string, count = 1): string[] {
  const schedule = parseNcrontab(expression);
  const found: string[] = [];
  for (let at = schedule.next(Date.parse(after)); at !== undefined && found.length < count; at = schedule.next(at)) {
    found.push(new Date(at).toISOString().replace('.000Z', ''));
  }
  return found;
}

describe('NCRONTAB expression', () => {
  const cases: [expression: string, after: string, expected: string[]][] = [
    ['0 */5 * * * *', '2026-11-20T10:02:30Z', ['2026-11-20T10:05:00', '2026-11-20T10:10:00']],
    ['*/5 * * * *', '2026-11-20T10:02:30Z', ['2026-11-20T10:05:00']],
    ['30 0 0 * * *', '2026-11-20T00:00:30Z', ['2026-11-21T00:00:30']],
    ['0 5/20 9 * * *', '2026-11-20T00:00:00Z', ['2026-11-20T09:05:00', '2026-11-20T09:25:00', '2026-11-20T09:45:00']],
    ['0 0 9-17/4 * * *', '2026-11-20T00:00:00Z', ['2026-11-20T09:00:00', '2026-11-20T13:00:00', '2026-11-20T17:00:00']],
    ['0 0 17-16 * * *', '2026-11-20T00:00:00Z', ['2026-11-20T16:00:00', '2026-11-20T17:00:00']],
    ['0 0 0 1,15 * *', '2026-11-20T00:00:00Z', ['2026-12-01T00:00:00', '2026-12-15T00:00:00']],
    ['0 0 0 * january mon', '2026-11-20T00:00:00Z', ['2027-01-04T00:00:00']],
    ['0 0 0 * Ma 0', '2026-11-20T00:00:00Z', ['2027-03-07T00:00:00']],
    ['0 0 0 29 2 *', '2026-11-20T00:00:00Z', ['2028-02-29T00:00:00']],
    ['0  0 0   1 1 *', '2026-11-20T00:00:00Z', ['2027-01-01T00:00:00']],
  ];
  for (const [expression, after, expected] of cases) {
    it(`${expression} has the next occurrences ${expected.join(', ')}`, () => {
      assert.deepEqual(occurrences(expression, after, expected.length), expected);
    });
  }

  it('requires both the day of month and the day of week', () => {
    assert.deepEqual(occurrences('0 0 0 13 * fri', '2026-11-20T00:00:00Z', 2), [
      '2027-08-13T00:00:00',
      '2028-10-13T00:00:00',
    ]);
  });

  it('has no next occurrence on a day that does not exist', () => {
    assert.deepEqual(occurrences('0 0 0 30 2 *', '2026-11-20T00:00:00Z'), []);
  });

  const refused: [expression: string, reason: RegExp][] = [
    ['0 0 0 * * 7', /"7" is not a day of week from 0 to 6/],
    ['60 * * * * *', /"60" is not a second/],
    ['* * * *', /has 4 fields instead/],
    ['0 0 0 * foo *', /"foo" is not a month/],
    ['0 1,,2 * * * *', /"" is not a minute/],
    ['0 -5 * * * *', /"-5" is not a minute/],
    ['0 0 12 L * *', /"L" is not a day of month/],
  ];
  for (const [expression, reason] of refused) {
    it(`${expression} is rejected`, () => {
      assert.throws(() => parseNcrontab(expression), reason);
    });
  }
});
