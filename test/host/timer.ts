import type { Clock } from './clock.ts';
import type { Schedule } from './schedule.ts';
import type { TimerStatus, TimerStatuses } from './timer-status.ts';

export interface TimerOptions {
  readonly functionName: string;
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
  readonly statuses: TimerStatuses;
  readonly clock: Clock;
  /** Runs the function with the JSON of its `Timer`; a failed run must not reject. */
  run(timerJson: string): Promise<void>;
}

export interface Timer {
  start(): void;
  /** Ends the schedule; a current run continues. */
  stop(): void;
  /** The JSON of the `Timer` that a run beside the schedule gets. */
  describe(): string;
}

/**
 * Keeps one timer function running. One run at a time: occurrences that pass during a slow run are made up by a single
 * run right after it. An occurrence missed while nothing ran is made up at the start, once, with `isPastDue`.
 */
export function createTimer(options: TimerOptions): Timer {
  const { functionName, schedule, clock, statuses } = options;
  const isMonitored = options.useMonitor && !schedule.isSubMinute;
  const stopping = new AbortController();
  let status: TimerStatus = { nextAt: schedule.next(clock.now()), updatedAt: clock.now() };

  return {
    start: () => void keepRunning(),
    stop: () => stopping.abort(),
    describe: () => timerJson(false),
  };

  async function keepRunning(): Promise<void> {
    const isPastDue = isMonitored && (await restoreStatus());
    if (isPastDue) await runOnce('pastDue');
    else if (options.runOnStartup) await runOnce('startup');
    while (Number.isFinite(status.nextAt)) {
      await clock.sleepUntil(status.nextAt, stopping.signal);
      if (stopping.signal.aborted) return;
      await runOnce('schedule');
    }
  }

  /** Whether an occurrence was missed. A changed schedule starts afresh and has missed nothing. */
  async function restoreStatus(): Promise<boolean> {
    const now = clock.now();
    const stored = await statuses.read(functionName);
    if (stored && stored.nextAt === schedule.next(stored.lastAt ?? stored.updatedAt)) {
      status = stored;
      return now > stored.nextAt;
    }
    await statuses.write(functionName, status);
    return false;
  }

  async function runOnce(reason: 'pastDue' | 'startup' | 'schedule'): Promise<void> {
    if (stopping.signal.aborted) return;
    const startedAt = clock.now();
    await options.run(timerJson(reason === 'pastDue'));
    // A run that started a little early counts for the occurrence it was meant for, or that would come twice.
    const lastAt = reason === 'schedule' ? Math.max(startedAt, status.nextAt) : startedAt;
    status = { lastAt, nextAt: schedule.next(lastAt), updatedAt: lastAt };
    if (isMonitored) await statuses.write(functionName, status);
  }

  function timerJson(isPastDue: boolean): string {
    return JSON.stringify({
      Schedule: { AdjustForDST: schedule.isCron },
      ScheduleStatus: isMonitored
        ? {
            Last: status.lastAt === undefined ? '0001-01-01T00:00:00+00:00' : toDotNetTime(status.lastAt),
            Next: toDotNetTime(status.nextAt),
            LastUpdated: toDotNetTime(status.updatedAt),
          }
        : null,
      IsPastDue: isPastDue,
    });
  }
}

/** `2026-11-20T09:20:00.0000000+00:00` */
function toDotNetTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000+00:00');
}
