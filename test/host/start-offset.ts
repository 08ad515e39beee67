const hourMs = 60 * 60_000;
const startMinuteMs = 5 * 60_000;

/**
 * Milliseconds from `now` to minute 5 of the next hour, where the time of a test starts: hourly timers then run at the
 * same point of a test in every run.
 */
export const toStartOffset = (now: number): number => hourMs - (now % hourMs) + startMinuteMs;
