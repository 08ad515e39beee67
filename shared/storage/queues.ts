import type { TokenCredential } from '@azure/core-auth';
import type { QueueClient } from '@azure/storage-queue';
import type { StorageAccount } from '../storage-account.ts';
import { type CallOptions, callStorage, type StoragePlatform, toClientOptions } from './storage-call.ts';
import { isRefusedBecause } from './storage-error.ts';

/** A queue of the storage account, created by its first message. Every failure is an `UpstreamError` of `storage`. */
export interface Queue {
  /**
   * Sends a message as JSON, in the encoding that the Functions host reads. It stays invisible for `visibleAfterMs`, at most a week, and
   * expires after `keptForMs`. Default: it does not expire. After a lost response it may be sent twice.
   */
  send(message: unknown, visibleAfterMs?: number, keptForMs?: number): Promise<MessageReceipt>;
  /** Changes when a message becomes visible. Undefined if it is gone or has been received since. */
  reschedule(receipt: MessageReceipt, visibleAfterMs: number): Promise<MessageReceipt | undefined>;
  /** Removes a message, unless it is gone or has been received since. */
  remove(receipt: MessageReceipt): Promise<void>;
}

/** Identifies a message until it is received. */
export interface MessageReceipt {
  messageId: string;
  popReceipt: string;
}

interface QueueOptions {
  name: string;
  queueUrl: string;
  account: Pick<StorageAccount, 'authorization'>;
  managedIdentity: TokenCredential;
  platform: StoragePlatform;
}

/** https://learn.microsoft.com/azure/storage/queues/scalability-targets */
const maxMessageCharacters = 65_536;
const maxInvisibleSeconds = 7 * 24 * 60 * 60;
const neverExpires = -1;

/** Loads the SDK. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const client = await createClient(options);

  const run = <T>(action: (call: CallOptions) => Promise<T>) => callStorage(options.platform, action);

  return {
    async send(message, visibleAfterMs = 0, keptForMs) {
      const text = Buffer.from(JSON.stringify(message)).toString('base64');
      if (text.length > maxMessageCharacters) throw new TypeError(`A message for ${options.name} is too large`);
      const visibilityTimeout = toInvisibleSeconds(visibleAfterMs);
      const messageTimeToLive = keptForMs === undefined ? neverExpires : Math.ceil(keptForMs / 1000);
      const put = () => run((call) => client.sendMessage(text, { visibilityTimeout, messageTimeToLive, ...call }));
      try {
        return toReceipt(await put());
      } catch (error) {
        if (!isRefusedBecause(error, 'QueueNotFound')) throw error;
        await run((call) => client.createIfNotExists(call));
        return toReceipt(await put());
      }
    },
    async reschedule({ messageId, popReceipt }, visibleAfterMs) {
      const seconds = toInvisibleSeconds(visibleAfterMs);
      const updated = await unlessReceived(
        run((call) => client.updateMessage(messageId, popReceipt, undefined, seconds, call)),
      );
      return updated?.popReceipt === undefined ? undefined : { messageId, popReceipt: updated.popReceipt };
    },
    async remove({ messageId, popReceipt }) {
      await unlessReceived(run((call) => client.deleteMessage(messageId, popReceipt, call)));
    },
  };
}

const toInvisibleSeconds = (ms: number): number => Math.min(Math.ceil(ms / 1000), maxInvisibleSeconds);
const toReceipt = ({ messageId, popReceipt }: MessageReceipt): MessageReceipt => ({ messageId, popReceipt });

async function unlessReceived<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    const codes = ['MessageNotFound', 'PopReceiptMismatch', 'QueueNotFound'];
    if (codes.some((code) => isRefusedBecause(error, code))) return undefined;
    throw error;
  }
}

async function createClient(options: QueueOptions): Promise<QueueClient> {
  const { name, queueUrl, account, managedIdentity, platform } = options;
  const { QueueClient } = await import('./queue-sdk.ts');
  return account.authorization.kind === 'identity'
    ? new QueueClient(`${queueUrl}/${name}`, managedIdentity, toClientOptions(platform))
    : new QueueClient(account.authorization.connectionString, name, toClientOptions(platform));
}
