import type { Clock } from '../clock.ts';

/** What `withTimeLimit` rejects with when time is up. */
export class TimeoutError extends Error {
  override readonly name = 'TimeLimitError';
}

/**
 * Runs `action` for at most `limitMs`. When time is up its signal is aborted and the call rejects at once, whether the action
 * listens or not.
 * @throws {TimeLimitError} when time is up, else whatever `action` throws.
 */
export async function withTimeout<T>(
  clock: Clock,
  limitMs: number,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: timedOut, reject } = Promise.withResolvers<never>();
  const cancelTimer = clock.startTimer(() => {
    reject(new TimeoutError(`No answer within ${limitMs} ms`));
    controller.abort();
  }, limitMs);
  try {
    return await Promise.race([action(controller.signal), timedOut]);
  } finally {
    cancelTimer();
  }
}
