import { UpstreamError } from '../../../shared/errors.ts';
import type { Queue } from '../../../shared/storage/queues.ts';

export interface SentMessage {
  readonly message: unknown;
  readonly visibleAfterMs: number;
  /** Absent: until it is taken. */
  readonly keptForMs?: number;
}

interface FakeQueue extends Queue {
  readonly sent: readonly SentMessage[];
  /** Gives all that was sent since the last time. */
  take(): SentMessage[];
  /** From now on nothing can be sent, or can again. */
  setDown(isDown: boolean): void;
}

/** A queue in memory, as its sender sees it. */
export function createFakeQueue(): FakeQueue {
  const sent: SentMessage[] = [];
  let isDown = false;
  return {
    sent,
    take: () => sent.splice(0),
    setDown(down) {
      isDown = down;
    },
    async send(message, visibleAfterMs = 0, keptForMs) {
      if (isDown) throw new UpstreamError('The storage is down.', { service: 'storage', failure: 'connection' });
      const copy: unknown = JSON.parse(JSON.stringify(message));
      sent.push({ message: copy, visibleAfterMs, ...(keptForMs !== undefined && { keptForMs }) });
    },
  };
}
