import type { MessageReceipt, Queue } from '../../../shared/storage/queues.ts';
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
  const receipts = new Map<SentMessage, MessageReceipt>();
  const { run, injectFault, setDown } = createFaults<keyof Queue>();
  let ids = 0;

  const indexOf = ({ messageId, popReceipt }: MessageReceipt) =>
    sent.findIndex((each) => {
      const receipt = receipts.get(each);
      return receipt?.messageId === messageId && receipt.popReceipt === popReceipt;
    });

  function issue(message: SentMessage, messageId = String(++ids)): MessageReceipt {
    const receipt = { messageId, popReceipt: String(++ids) };
    receipts.set(message, receipt);
    return receipt;
  }

  return {
    sent,
    take: () => sent.splice(0),
    injectFault,
    setDown,
    async send(message, visibleAfterMs = 0, keptForMs) {
      const text = JSON.stringify(message);
      return await run('send', [text], () => {
        const copy: unknown = JSON.parse(text);
        const added = { message: copy, visibleAfterMs, ...(keptForMs !== undefined && { keptForMs }) };
        sent.push(added);
        return issue(added);
      });
    },
    reschedule: (receipt, visibleAfterMs) =>
      run('reschedule', [receipt.messageId], () => {
        const index = indexOf(receipt);
        const found = sent[index];
        if (found === undefined) return undefined;
        const changed = { ...found, visibleAfterMs };
        sent[index] = changed;
        return issue(changed, receipt.messageId);
      }),
    remove: (receipt) =>
      run('remove', [receipt.messageId], () => {
        const index = indexOf(receipt);
        if (index >= 0) sent.splice(index, 1);
      }),
  };
}
