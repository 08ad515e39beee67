import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSchedule } from '../../host/schedule.ts';
import { createTimer, type TimerOptions } from '../../host/timer.ts';
import { createTimerStatuses } from '../../host/timer-status.ts';
import { complete, MovedClock } from './moved-clock.ts';

interface Run {
  readonly at: string;
  readonly isPastDue: boolean;
  readonly status: { Last: string; Next: string; LastUpdated: string } | null;
}

/** A timer whose runs are noted; a run lasts until `hold` resolves. */
function createRecordedTimer(clock: MovedClock, expression: string, options: Partial<TimerOptions> = {}) {
  const runs: Run[] = [];
  const recorder = { hold: Promise.resolve() };
  const timer = createTimer({
    functionName: 'tick',
    schedule: parseSchedule(expression, clock.now()),
    runOnStartup: false,
    useMonitor: true,
    statuses: createTimerStatuses(),
    clock,
    run: (json) => {
      const { ScheduleStatus, IsPastDue } = JSON.parse(json);
      runs.push({
        at: new Date(clock.now()).toISOString().slice(11, 19),
        isPastDue: IsPastDue,
        status: ScheduleStatus,
      });
      return recorder.hold;
    },
    ...options,
  });
  timer.start();
  return { timer, runs, recorder };
}

const timesOf = (runs: readonly Run[]) => runs.map(({ at }) => at);

describe('a timer', () => {
  it('runs at each occurrence and not before', async () => {
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const { runs } = createRecordedTimer(clock, '0 * * * * *');
    await clock.moveTo('2026-11-20T10:00:59Z');
    assert.deepEqual(timesOf(runs), []);
    await clock.moveTo('2026-11-20T10:03:30Z');
    assert.deepEqual(timesOf(runs), ['10:01:00', '10:02:00', '10:03:00']);
  });

  it('reports its last and next occurrence', async () => {
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const { runs } = createRecordedTimer(clock, '0 * * * * *');
    await clock.moveTo('2026-11-20T10:02:00Z');
    assert.deepEqual(runs[0]?.status, {
      Last: '0001-01-01T00:00:00+00:00',
      Next: '2026-11-20T10:01:00.0000000+00:00',
      LastUpdated: '2026-11-20T10:00:30.0000000+00:00',
    });
    assert.equal(runs[1]?.status?.Last, '2026-11-20T10:01:00.0000000+00:00');
  });

  it('has no status when it runs more than once a minute or is not monitored', async () => {
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const often = createRecordedTimer(clock, '*/20 * * * * *');
    const unwatched = createRecordedTimer(clock, '0 * * * * *', { useMonitor: false });
    await clock.moveTo('2026-11-20T10:01:00Z');
    assert.equal(often.runs[0]?.status, null);
    assert.equal(unwatched.runs[0]?.status, null);
  });

  it('never overlaps, and makes up for occurrences missed during a slow run with one run', async () => {
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const { runs, recorder } = createRecordedTimer(clock, '0 * * * * *');
    const slow = Promise.withResolvers<void>();
    recorder.hold = slow.promise;
    await clock.moveTo('2026-11-20T10:04:20Z');
    assert.deepEqual(timesOf(runs), ['10:01:00']);
    recorder.hold = Promise.resolve();
    slow.resolve();
    await complete();
    await clock.moveTo('2026-11-20T10:05:30Z');
    assert.deepEqual(timesOf(runs), ['10:01:00', '10:04:20', '10:05:00']);
    assert.equal(runs[1]?.isPastDue, false);
  });

  it('runs once, past due, after occurrences missed while the host was down', async () => {
    const statuses = createTimerStatuses();
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const before = createRecordedTimer(clock, '0 * * * * *', { statuses });
    await clock.moveTo('2026-11-20T10:01:10Z');
    before.timer.stop();
    await clock.moveTo('2026-11-20T10:07:10Z');
    const after = createRecordedTimer(clock, '0 * * * * *', { statuses, runOnStartup: true });
    await clock.moveTo('2026-11-20T10:08:00Z');
    assert.deepEqual(
      after.runs.map(({ at, isPastDue }) => [at, isPastDue]),
      [
        ['10:07:10', true],
        ['10:08:00', false],
      ],
    );
    assert.deepEqual(timesOf(before.runs), ['10:01:00']);
  });

  it('has missed nothing when its schedule has changed', async () => {
    const statuses = createTimerStatuses();
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    createRecordedTimer(clock, '0 * * * * *', { statuses }).timer.stop();
    await clock.moveTo('2026-11-20T10:07:10Z');
    const { runs } = createRecordedTimer(clock, '0 0 * * * *', { statuses });
    await clock.moveTo('2026-11-20T10:59:00Z');
    assert.deepEqual(runs, []);
  });

  it('runs on startup, not past due, when configured', async () => {
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const { runs } = createRecordedTimer(clock, '0 0 0 1 1 *', { runOnStartup: true });
    await complete();
    assert.deepEqual(
      runs.map(({ at, isPastDue }) => [at, isPastDue]),
      [['10:00:30', false]],
    );
  });

  it('does not run after it was stopped', async () => {
    const clock = new MovedClock('2026-11-20T10:00:30Z');
    const { timer, runs } = createRecordedTimer(clock, '0 * * * * *');
    await complete();
    timer.stop();
    await clock.moveTo('2026-11-20T10:05:00Z');
    assert.deepEqual(runs, []);
  });
});
