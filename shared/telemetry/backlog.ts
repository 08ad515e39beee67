import type { Observed, Sink } from './sink.ts';

export interface Backlog extends Pick<Sink, 'send'> {
  /** Passes everything on, oldest first, and returns how many were dropped. An observation that the sink rejects is dropped alone. */
  moveTo(sink: Pick<Sink, 'send'>): number;
}

/** Keeps observations until there is a sink; beyond `capacity` the oldest are dropped. */
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
      for (const observed of kept) {
        try {
          sink.send(observed);
        } catch {
          dropped++;
        }
      }
      kept = [];
      return dropped;
    },
  };
}
