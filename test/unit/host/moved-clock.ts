import type { Clock } from '../../host/clock.ts';

/** A clock that stands still until the test moves it. */
export class MovedClock implements Clock {
  #now: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(at: string) {
    this.#now = Date.parse(at);
  }

  now(): number {
    return this.#now;
  }

  sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push({ at, wake: resolve });
    signal.addEventListener('abort', () => resolve());
    return promise;
  }

  /** Moves on, waking each sleeper at its time and letting it do what it woke for. */
  async moveTo(time: string): Promise<void> {
    const target = Date.parse(time);
    await complete();
    for (;;) {
      const due = this.#sleepers.filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== due);
      this.#now = Math.max(this.#now, due.at);
      due.wake();
      await complete();
    }
    this.#now = target;
  }
}

/** Runs all pending microtasks and callbacks of setImmediate. */
export function complete(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
