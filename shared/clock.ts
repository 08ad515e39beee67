/** Time as an argument: the system's in production, moved by hand in tests. */
export interface Clock {
  /** Now, in epoch milliseconds. */
  now(): number;
  /** Calls back after `delayMs`. The returned function cancels the timer. */
  startTimer(callback: () => void, delayMs: number): () => void;
}

/** Resolves after `delayMs`. */
export function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.startTimer(resolve, delayMs));
}
