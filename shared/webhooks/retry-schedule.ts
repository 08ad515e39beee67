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

/**
 * When to retry after `attempts` failed attempts, the first of them at `firstAttemptAt`. Undefined once 24 hours have passed. Instants are
 * epoch milliseconds.
 */
export function nextAttemptAt(attempts: number, firstAttemptAt: number, now: number): number | undefined {
  const at = now + (delays[attempts - 1] ?? maxDelay);
  return at > firstAttemptAt + maxAgeMs ? undefined : at;
}
