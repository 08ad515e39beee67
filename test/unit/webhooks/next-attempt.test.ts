import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextAttemptAt } from '../../../shared/webhooks/deliver-in-order.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('nextAttemptAt', () => {
  it('retries after growing delays for a day', () => {
    const minutes: number[] = [];
    for (let count = 1, at: number | undefined = 0; at !== undefined; count++) {
      const next = nextAttemptAt({ count, firstAt: 0, lastAt: at });
      if (next !== undefined) minutes.push((next - at) / minuteMs);
      at = next;
    }
    assert.deepEqual(minutes, [5 / 60, 0.5, 2, 10, 30, 60, 120, 240, 240, 240, 240, 240]);
  });

  it('waits for Retry-After if that is longer', () => {
    const lastAt = hourMs;
    assert.equal(nextAttemptAt({ count: 1, firstAt: 0, lastAt, retryAfterMs: minuteMs }), lastAt + minuteMs);
    assert.equal(nextAttemptAt({ count: 4, firstAt: 0, lastAt, retryAfterMs: minuteMs }), lastAt + 10 * minuteMs);
  });
});
