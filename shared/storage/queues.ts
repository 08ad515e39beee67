import type { TokenCredential } from '@azure/core-auth';
import type { QueueClient } from '@azure/storage-queue';
import type { StorageAccount } from '../storage-account.ts';
import { toClientOptions } from './client-options.ts';
import { callStorage, type StoragePlatform } from './storage-call.ts';
import { isRefusedBecause } from './storage-error.ts';

/** A queue of the storage account, created by its first message. Every failure is an `UpstreamError` of `storage`. */
export interface Queue {
  /**
   * Sends a message as JSON, in the encoding that the Functions host reads. It stays invisible for `visibleAfterMs`, at most a week, and
   * expires after `keptForMs`. Default: it does not expire. After a lost response it may be sent twice.
   */
  send(message: unknown, visibleAfterMs?: number, keptForMs?: number): Promise<void>;
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

  return {
    async send(message, visibleAfterMs = 0, keptForMs) {
      const text = Buffer.from(JSON.stringify(message)).toString('base64');
      if (text.length > maxMessageCharacters) throw new TypeError(`A message for ${options.name} is too large`);
      const visibilityTimeout = Math.min(Math.ceil(visibleAfterMs / 1000), maxInvisibleSeconds);
      const messageTimeToLive = keptForMs === undefined ? neverExpires : Math.ceil(keptForMs / 1000);
      const put = () =>
        callStorage(options.platform, ({ abortSignal }) =>
          client.sendMessage(text, { visibilityTimeout, messageTimeToLive, abortSignal }),
        );
      try {
        await put();
      } catch (error) {
        if (!isRefusedBecause(error, 'QueueNotFound')) throw error;
        await callStorage(options.platform, (call) => client.createIfNotExists(call));
        await put();
      }
    },
  };
}

async function createClient(options: QueueOptions): Promise<QueueClient> {
  const { name, queueUrl, account, managedIdentity, platform } = options;
  const { QueueClient } = await import('./queue-sdk.ts');
  return account.authorization.kind === 'identity'
    ? new QueueClient(`${queueUrl}/${name}`, managedIdentity, toClientOptions(platform))
    : new QueueClient(account.authorization.connectionString, name, toClientOptions(platform));
}
