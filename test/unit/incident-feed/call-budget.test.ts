import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addCalls, type CallCount, callsLeft } from '../../../shared/incident-feed/call-budget.ts';

const minuteMs = 60_000;

/** Calls per minute of a caller that uses the whole budget. */
function useAll(minutes: number): number[] {
  let counts: CallCount[] = [];
  return Array.from({ length: minutes }, (_, minute) => {
    const now = minute * minuteMs;
    const calls = callsLeft(counts, now);
    counts = addCalls(counts, now, calls);
    return calls;
  });
}

const sum = (calls: readonly number[]) => calls.reduce((total, each) => total + each, 0);

describe('the call budget of a tenant', () => {
  it('stays below the limit of the service in any minute', () => assert.ok(Math.max(...useAll(10)) < 50));

  it('stays below the limit in any hour, and uses most of it', () => {
    const calls = useAll(180);
    for (let from = 0; from <= 120; from++) assert.ok(sum(calls.slice(from, from + 60)) < 1_500);
    assert.ok(sum(calls.slice(60, 120)) >= 1_300);
  });

  it('drops calls after an hour', () => {
    assert.deepEqual(addCalls([{ at: 0, calls: 5 }], 60 * minuteMs, 1), [{ at: 60 * minuteMs, calls: 1 }]);
  });
});
