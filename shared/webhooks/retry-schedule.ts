const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Delay after each failed attempt; the last one repeats. */
const delays = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
];
const maxDelay = 4 * hourMs;
const maxAgeMs = 24 * hourMs;

interface FailedAttempts {
  /** How many there were. */
  count: number;
  firstAt: number;
  lastAt: number;
  /** The receiver's `Retry-After`: it can only make the delay longer. */
  retryAfterMs?: number | undefined;
}

/** When to retry. Undefined once 24 hours have passed since the first attempt. Instants are epoch milliseconds. */
export function nextAttemptAt({ count, firstAt, lastAt, retryAfterMs = 0 }: FailedAttempts): number | undefined {
  const at = lastAt + Math.max(delays[count - 1] ?? maxDelay, retryAfterMs);
  return at > firstAt + maxAgeMs ? undefined : at;
}
