import type { Observed, Sink } from './sink.ts';

export interface Backlog extends Pick<Sink, 'send'> {
  /** Hands everything over, oldest first, and says how many had been dropped. */
  moveTo(sink: Pick<Sink, 'send'>): number;
  clear(): void;
}

/** Keeps observations until there is a sink for them; beyond `capacity` the oldest go. */
export function createBacklog(capacity = 1000): Backlog {
  let kept: Observed[] = [];
  let dropped = 0;

  return {
    send(observed) {
      kept.push(observed);
      if (kept.length <= capacity) return;
      kept.shift();
      dropped++;
    },
    moveTo(sink) {
      for (const observed of kept) sink.send(observed);
      kept = [];
      return dropped;
    },
    clear() {
      kept = [];
    },
  };
}
