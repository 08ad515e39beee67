/** The passing of time, as an argument: production hands in the machine's, tests one that they move. */
export interface Clock {
  /** Now, in epoch milliseconds. */
  now(): number;
  /** Calls back after `delayMs`, unless the returned function is called first. */
  startTimer(callback: () => void, delayMs: number): () => void;
}

/** Resolves after `delayMs`. */
export function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.startTimer(resolve, delayMs));
}
