import type { TokenCredential } from '@azure/core-auth';
import type { QueueClient } from '@azure/storage-queue';
import { callThroughSdk, type SdkOptions, type SdkWorld } from '../outbound/sdk-call.ts';
import type { StorageAccount } from '../storage-account.ts';
import { authorize, toClientOptions } from './sdk-options.ts';
import { isRefusedBecause, toStorageError } from './storage-error.ts';

/** A queue of the storage account, made when something is first put into it. Every failure is an `UpstreamError` of `storage`. */
export interface Queue {
  /**
   * Sends a message as JSON, in the encoding that the Functions host reads; seen by nobody for `visibleAfterMs`, a week at most. It is kept
   * for `keptForMs`, or until it is taken.
   */
  send(message: unknown, visibleAfterMs?: number, keptForMs?: number): Promise<void>;
}

interface QueueOptions {
  name: string;
  queueUrl: string;
  account: Pick<StorageAccount, 'authorization'>;
  managedIdentity: TokenCredential;
  world: SdkWorld;
}

/** https://learn.microsoft.com/azure/storage/queues/scalability-targets */
const maxMessage = 65_536;
const maxPauseSeconds = 7 * 24 * 60 * 60;
const untilTaken = -1;

export function createQueue(options: QueueOptions): Queue {
  const run = <T>(action: (client: QueueClient) => Promise<T>) =>
    callThroughSdk(options.world, 'storage', toStorageError, async (sdk) => action(await openClient(options, sdk)));

  return {
    async send(message, visibleAfterMs = 0, keptForMs) {
      const text = Buffer.from(JSON.stringify(message)).toString('base64');
      if (text.length > maxMessage) throw new TypeError(`A message for ${options.name} is too large`);
      const visibilityTimeout = Math.min(Math.ceil(visibleAfterMs / 1000), maxPauseSeconds);
      const messageTimeToLive = keptForMs === undefined ? untilTaken : Math.ceil(keptForMs / 1000);
      const put = (client: QueueClient) => client.sendMessage(text, { visibilityTimeout, messageTimeToLive });
      try {
        await run(put);
      } catch (error) {
        if (!isRefusedBecause(error, 'QueueNotFound')) throw error;
        await run((client) => client.createIfNotExists());
        await run(put);
      }
    },
  };
}

async function openClient(
  { name, queueUrl, account, managedIdentity }: QueueOptions,
  sdk: SdkOptions,
): Promise<QueueClient> {
  const { QueueClient, StorageSharedKeyCredential } = await import('./queue-sdk.ts');
  const createKey = (accountName: string, accountKey: string) =>
    new StorageSharedKeyCredential(accountName, accountKey);
  const [url, credential] = authorize(`${queueUrl}/${name}`, account, managedIdentity, createKey);
  const options = toClientOptions(sdk);
  return credential === undefined
    ? new QueueClient(url, undefined, options)
    : new QueueClient(url, credential, options);
}
