import type { Clock } from '../clock.ts';

/** `withTimeout` ran out of time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Runs `action` for at most `limitMs`. When time is up, its signal is aborted and the call rejects at once, whether or not the action
 * observes the signal.
 * @throws {TimeoutError} when time is up, otherwise what `action` throws.
 */
export async function withTimeout<T>(
  clock: Clock,
  limitMs: number,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: timedOut, reject } = Promise.withResolvers<never>();
  const cancelTimer = clock.startTimer(() => {
    reject(new TimeoutError(`No response within ${limitMs} ms`));
    controller.abort();
  }, limitMs);
  try {
    return await Promise.race([action(controller.signal), timedOut]);
  } finally {
    cancelTimer();
  }
}
