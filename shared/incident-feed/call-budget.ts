/** Calls made, or reserved, at an instant in epoch milliseconds. */
export interface CallCount {
  at: number;
  calls: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Defender allows 50 incident lists a minute and 1,500 an hour in a tenant. The rest is left to the callers of the app. */
const maxPerMinute = 45;
const maxPerHour = 1_400;

/** Calls that may be made now. */
export function callsLeft(counts: readonly CallCount[], now: number): number {
  const usedSince = (since: number) => counts.filter(({ at }) => at > since).reduce((sum, { calls }) => sum + calls, 0);
  return Math.max(0, Math.min(maxPerMinute - usedSince(now - minuteMs), maxPerHour - usedSince(now - hourMs)));
}

/** Adds the calls made now and drops those of more than an hour ago. */
export const addCalls = (counts: readonly CallCount[], now: number, calls: number): CallCount[] => [
  ...counts.filter(({ at }) => at > now - hourMs),
  ...(calls > 0 ? [{ at: now, calls }] : []),
];
