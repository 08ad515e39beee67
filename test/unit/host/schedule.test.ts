import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSchedule } from '../../host/schedule.ts';

const NOW = Date.parse('2026-11-20T10:00:30Z');

describe('a schedule', () => {
  it('can be a constant interval', () => {
    const schedule = parseSchedule('00:30:00', NOW);
    assert.equal(schedule.next(NOW), NOW + 30 * 60_000);
    assert.equal(schedule.isCron, false);
    assert.equal(parseSchedule('1.02:00', NOW).next(0), 26 * 3_600_000);
  });

  it('is sub-minute when two occurrences fall within the next minute', () => {
    assert.equal(parseSchedule('*/15 * * * * *', NOW).isSubMinute, true);
    assert.equal(parseSchedule('00:00:30', NOW).isSubMinute, true);
    assert.equal(parseSchedule('0 * * * * *', NOW).isSubMinute, false);
    assert.equal(parseSchedule('00:01:00', NOW).isSubMinute, false);
  });

  it('is rejected when it is neither', () => {
    assert.throws(() => parseSchedule('every minute', NOW), /has 2 fields/);
    assert.throws(() => parseSchedule('00:00:00', NOW), /no interval/);
  });
});
