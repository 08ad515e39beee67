import type { Clock } from '../../shared/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time forward. Each timer fires at its own instant, and the code that awaits it runs. */
  advance(ms: number): Promise<void>;
  /** Moves time forward from timer to timer until the promise settles, and gives its outcome. */
  runUntil<T>(promise: Promise<T>): Promise<T>;
  /** How far away each started timer still is, nearest first. */
  pendingMs(): number[];
}

interface Timer {
  at: number;
  callback: () => void;
}

/** Settles every promise that waits for no timer: all continue before the next turn of the event loop. */
export const complete = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that only the test moves. */
export function createFakeClock(startAt = Date.parse('2026-11-20T12:00:00Z')): FakeClock {
  const timers = new Set<Timer>();
  let now = startAt;

  const nextUntil = (limit: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at)[0];

  async function fire(timer: Timer): Promise<void> {
    timers.delete(timer);
    now = timer.at;
    timer.callback();
    await complete();
  }

  return {
    now: () => now,
    startTimer(callback, delayMs) {
      const timer = { at: now + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const target = now + ms;
      await complete();
      for (let timer = nextUntil(target); timer !== undefined; timer = nextUntil(target)) {
        await fire(timer);
      }
      now = target;
    },
    async runUntil(promise) {
      let isSettled = false;
      const settled = () => {
        isSettled = true;
      };
      promise.then(settled, settled);
      await complete();
      while (!isSettled) {
        const timer = nextUntil(Number.POSITIVE_INFINITY);
        if (timer === undefined) throw new Error('It waits for something that is no timer');
        await fire(timer);
      }
      return await promise;
    },
    pendingMs: () => [...timers].map(({ at }) => at - now).sort((a, b) => a - b),
  };
}
