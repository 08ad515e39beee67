/** So many calls were made at about this instant (epoch milliseconds), or may have been. */
export interface CallCount {
  at: number;
  calls: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What Defender allows of incident lists in a tenant is 50 and 1,500; the rest is left to callers of the app. */
const perMinute = 45;
const perHour = 1_400;

/** How many calls may be made now. */
export function callsLeft(counts: readonly CallCount[], now: number): number {
  const usedSince = (since: number) => counts.filter(({ at }) => at > since).reduce((sum, { calls }) => sum + calls, 0);
  return Math.max(0, Math.min(perMinute - usedSince(now - minuteMs), perHour - usedSince(now - hourMs)));
}

/** With what was called now; what nobody asks for any more is forgotten. */
export const addCalls = (counts: readonly CallCount[], now: number, calls: number): CallCount[] => [
  ...counts.filter(({ at }) => at > now - hourMs),
  ...(calls > 0 ? [{ at: now, calls }] : []),
];
