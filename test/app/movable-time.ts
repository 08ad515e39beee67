import type { Clock as AppClock } from '../../shared/clock.ts';
import type { Clock as HostClock } from '../host/clock.ts';
import { replaceDate } from '../host/replace-date.ts';
import { toStartOffset } from '../host/start-offset.ts';

/** The time of everything in this process, dates included. It continues like the machine's, and a test moves it forward. */
export interface MovableTime {
  now(): number;
  readonly hostClock: HostClock;
  readonly appClock: AppClock;
  /** Moves time forward; timers that are due then go off. */
  advance(ms: number): void;
  /** Moves time forward to the next timer, by `maxMs` at most. */
  advanceToNextTimer(maxMs: number): void;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  timeout: NodeJS.Timeout;
}

/** The longest delay that `setTimeout` can hold. */
const maxDelayMs = 2 ** 31 - 1;

export function createMovableTime(): MovableTime {
  const MachineDate = Date;
  const timers = new Set<Timer>();
  let offsetMs = toStartOffset(MachineDate.now());
  const now = () => MachineDate.now() + offsetMs;
  replaceDate(now);

  function wait(timer: Timer): void {
    clearTimeout(timer.timeout);
    timer.timeout = setTimeout(() => goOff(timer), Math.min(Math.max(0, timer.at - now()), maxDelayMs));
  }

  function goOff(timer: Timer): void {
    if (timer.at > now()) {
      wait(timer);
      return;
    }
    timers.delete(timer);
    clearTimeout(timer.timeout);
    timer.callback();
  }

  function startTimer(callback: () => void, delayMs: number): () => void {
    const timer: Timer = { at: now() + Math.max(0, delayMs), callback, timeout: setTimeout(() => {}, 0) };
    timers.add(timer);
    wait(timer);
    return () => {
      timers.delete(timer);
      clearTimeout(timer.timeout);
    };
  }

  const sleepUntil = (at: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const finish = () => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = startTimer(finish, at - now());
      if (signal.aborted) finish();
      else signal.addEventListener('abort', finish);
    });

  function advance(ms: number): void {
    offsetMs += ms;
    for (const timer of [...timers].sort((a, b) => a.at - b.at)) if (timers.has(timer)) goOff(timer);
  }

  return {
    now,
    hostClock: { now, sleepUntil },
    appClock: { now, startTimer },
    advance,
    advanceToNextTimer(maxMs) {
      const nextAt = Math.min(...[...timers].map(({ at }) => at));
      advance(Math.min(Math.max(1, nextAt - now()), maxMs));
    },
  };
}
