import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextAttemptAt } from '../../../shared/webhooks/retry-schedule.ts';

test('a delivery is tried again after growing pauses, for a day', () => {
  const minutes: number[] = [];
  for (let attempts = 1, at: number | undefined = 0; at !== undefined; attempts++) {
    const next = nextAttemptAt(attempts, 0, at);
    if (next !== undefined) minutes.push((next - at) / 60_000);
    at = next;
  }
  assert.deepEqual(minutes, [5 / 60, 0.5, 2, 10, 30, 60, 120, 240, 240, 240, 240, 240]);
});
