/** Where the host's time comes from: tests move it, the real one passes. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Resolves at `at` (epoch ms), or at once when `signal` is aborted. */
  sleepUntil(at: number, signal: AbortSignal): Promise<void>;
}

/** The longest delay that `setTimeout` can hold. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),

  async sleepUntil(at, signal) {
    while (!signal.aborted && Date.now() < at) await delay(Math.min(at - Date.now(), MAX_DELAY_MS), signal);
  },
};

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });

    function finish() {
      clearTimeout(timeout);
      signal.removeEventListener('abort', finish);
      resolve();
    }
  });
}
