import { type Clock, wait } from '../clock.ts';

const firstPauseMs = 500;
const maxPauseMs = 8_000;

/** Exponential back-off in milliseconds: from half a second, doubled up to eight seconds, with up to 50 % jitter. */
export function backOffMs(retry: number, random: () => number): number {
  const fullMs = Math.min(firstPauseMs * 2 ** retry, maxPauseMs);
  return fullMs * (0.5 + random() / 2);
}

interface RetryOptions {
  clock: Clock;
  /** The pause before the next attempt in milliseconds; undefined rethrows the failure. `retry` counts from 0. */
  pauseMs: (error: unknown, retry: number) => number | undefined;
}

/** Repeats `attempt` until it succeeds or `pauseMs` gives up. */
export async function withRetries<T>({ clock, pauseMs }: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      const pause = pauseMs(error, retry);
      if (pause === undefined) throw error;
      await wait(clock, pause);
    }
  }
}
