import type { QueueMessage, QueueSource } from '../host/queue-source.ts';
import type { QueueService, StoredMessage } from '../sandbox/storage/queue-service.ts';

/** A queue of the storage account in memory, as its listener sees it. */
export function createMemoryQueueSource(queues: QueueService, name: string): QueueSource {
  const taken = new Map<QueueMessage, StoredMessage>();

  function requireTaken(message: QueueMessage): StoredMessage {
    const found = taken.get(message);
    if (!found) throw new Error('The message was not taken from this queue.');
    return found;
  }

  return {
    name,
    async receive(count, invisibleMs) {
      return queues.receive(name, count, invisibleMs).map((stored) => {
        const message = toMessage(stored);
        taken.set(message, stored);
        return message;
      });
    },
    async delete(message) {
      const { id, popReceipt } = requireTaken(message);
      taken.delete(message);
      if (!queues.delete(name, id, popReceipt)) throw new Error('PopReceiptMismatch');
    },
    async hide(message, invisibleMs) {
      const stored = requireTaken(message);
      const hidden = queues.hide(name, stored.id, stored.popReceipt, invisibleMs);
      if (!hidden) throw new Error('PopReceiptMismatch');
      stored.popReceipt = hidden.popReceipt;
    },
    async moveToPoison(message) {
      const { id, popReceipt, text } = requireTaken(message);
      taken.delete(message);
      queues.send(`${name}-poison`, text);
      queues.delete(name, id, popReceipt);
    },
  };
}

const toMessage = ({ id, text, dequeueCount, popReceipt, insertedAt, visibleAt }: StoredMessage): QueueMessage => ({
  text: Buffer.from(text, 'base64').toString(),
  dequeueCount,
  metadata: {
    QueueTrigger: Buffer.from(text, 'base64').toString(),
    DequeueCount: dequeueCount,
    Id: id,
    PopReceipt: popReceipt,
    InsertionTime: new Date(insertedAt).toISOString(),
    NextVisibleTime: new Date(visibleAt).toISOString(),
  },
});
