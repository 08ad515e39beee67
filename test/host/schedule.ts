import { parseNcrontab } from '../../shared/hunts/ncrontab.ts';

export interface Schedule {
  readonly expression: string;
  readonly isCron: boolean;
  /** More often than once a minute: the real host keeps no status for such a timer. */
  readonly isSubMinute: boolean;
  /** The first occurrence after `at` (epoch ms); `Infinity` without one. */
  next(at: number): number;
}

const MINUTE_MS = 60_000;

/**
 * A timer's `schedule`: NCRONTAB or a TimeSpan (`[d.]hh:mm[:ss]`). Throws an `Error` that says what is wrong.
 *
 * @param now epoch ms; whether a schedule is sub-minute depends on the minute in which the host asks.
 */
export function parseSchedule(expression: string, now: number): Schedule {
  const intervalMs = parseTimeSpan(expression);
  if (intervalMs !== undefined) {
    if (intervalMs <= 0) throw new Error(`"${expression}" is no interval between runs.`);
    return {
      expression,
      isCron: false,
      isSubMinute: intervalMs < MINUTE_MS,
      next: (at) => at + intervalMs,
    };
  }
  const cron = parseNcrontab(expression);
  const first = cron.next(now) ?? Number.POSITIVE_INFINITY;
  const second = cron.next(first) ?? Number.POSITIVE_INFINITY;
  return {
    expression,
    isCron: true,
    isSubMinute: second < now + MINUTE_MS,
    next: (at) => cron.next(at) ?? Number.POSITIVE_INFINITY,
  };
}

function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
