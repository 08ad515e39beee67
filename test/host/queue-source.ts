import { type DequeuedMessageItem, QueueClient } from '@azure/storage-queue';

/** A message as it was taken, and how to say which one is meant. */
export interface QueueMessage {
  readonly text: string;
  readonly dequeueCount: number;
  /** What the host tells a function of it, by its .NET names. */
  readonly metadata: Readonly<Record<string, string | number>>;
}

/** A queue as its listener sees it. */
export interface QueueSource {
  readonly name: string;
  /** Nothing when the queue does not exist. */
  receive(count: number, invisibleMs: number): Promise<QueueMessage[]>;
  delete(message: QueueMessage): Promise<void>;
  /** Sets the visibility timeout of a message. */
  hide(message: QueueMessage, invisibleMs: number): Promise<void>;
  /** Moves it to the poison queue. */
  moveToPoison(message: QueueMessage): Promise<void>;
}

/** A test that makes the storage fail should not wait long for it. */
const options = { retryOptions: { maxTries: 6, retryDelayInMs: 50 } };

/** A queue of Azure Storage, or of its emulator, with messages in base64 as the host expects them. */
export function createQueueSource(connectionString: string, name: string): QueueSource {
  const queue = new QueueClient(connectionString, name, options);
  const poison = new QueueClient(connectionString, `${name}-poison`, options);
  const taken = new Map<QueueMessage, { messageId: string; popReceipt: string; body: string }>();

  function requireTaken(message: QueueMessage) {
    const found = taken.get(message);
    if (!found) throw new Error('The message was not taken from this queue.');
    return found;
  }

  return {
    name,
    async receive(count, invisibleMs) {
      const visibilityTimeout = invisibleMs / 1000;
      try {
        const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: count, visibilityTimeout });
        return receivedMessageItems.map((item) => {
          const message = toMessage(item);
          taken.set(message, { messageId: item.messageId, popReceipt: item.popReceipt, body: item.messageText });
          return message;
        });
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    async delete(message) {
      const { messageId, popReceipt } = requireTaken(message);
      taken.delete(message);
      await queue.deleteMessage(messageId, popReceipt);
    },
    async hide(message, invisibleMs) {
      const found = requireTaken(message);
      const { popReceipt = found.popReceipt } = await queue.updateMessage(
        found.messageId,
        found.popReceipt,
        undefined,
        Math.ceil(invisibleMs / 1000),
      );
      found.popReceipt = popReceipt;
    },
    async moveToPoison(message) {
      const { messageId, popReceipt, body } = requireTaken(message);
      taken.delete(message);
      await poison.createIfNotExists();
      await poison.sendMessage(body, { messageTimeToLive: -1 });
      await queue.deleteMessage(messageId, popReceipt);
    },
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && error.statusCode === 404;

function toMessage(item: DequeuedMessageItem): QueueMessage {
  const text = Buffer.from(item.messageText, 'base64').toString();
  const { dequeueCount } = item;
  return {
    text,
    dequeueCount,
    metadata: {
      QueueTrigger: text,
      DequeueCount: dequeueCount,
      Id: item.messageId,
      PopReceipt: item.popReceipt,
      InsertionTime: item.insertedOn.toISOString(),
      ExpirationTime: item.expiresOn.toISOString(),
      NextVisibleTime: item.nextVisibleOn.toISOString(),
    },
  };
}
