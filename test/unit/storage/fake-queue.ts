import type { Queue } from '../../../shared/storage/queues.ts';
import { createFaults, type Faulty } from './faults.ts';

export interface SentMessage {
  readonly message: unknown;
  readonly visibleAfterMs: number;
  /** Absent: does not expire. */
  readonly keptForMs?: number;
}

interface FakeQueue extends Queue, Faulty<keyof Queue> {
  readonly sent: readonly SentMessage[];
  /** Removes and returns the messages in the queue. */
  take(): SentMessage[];
}

/** A queue in memory, as its sender sees it. */
export function createFakeQueue(): FakeQueue {
  const sent: SentMessage[] = [];
  const { run, injectFault, setDown } = createFaults<keyof Queue>();
  return {
    sent,
    take: () => sent.splice(0),
    injectFault,
    setDown,
    async send(message, visibleAfterMs = 0, keptForMs) {
      const text = JSON.stringify(message);
      await run('send', [text], () => {
        const copy: unknown = JSON.parse(text);
        sent.push({ message: copy, visibleAfterMs, ...(keptForMs !== undefined && { keptForMs }) });
      });
    },
  };
}
