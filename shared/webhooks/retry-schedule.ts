const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** What passes after each try that failed, the last one again and again. */
const pauses = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
];
const maxPause = 4 * hourMs;
const givenUpAfterMs = 24 * hourMs;

/**
 * When to try again after the given number of tries that failed, the first of them at `firstAttemptAt`; undefined when it is time to give
 * up. All instants are epoch milliseconds.
 */
export function nextAttemptAt(attempts: number, firstAttemptAt: number, now: number): number | undefined {
  const at = now + (pauses[attempts - 1] ?? maxPause);
  return at > firstAttemptAt + givenUpAfterMs ? undefined : at;
}
