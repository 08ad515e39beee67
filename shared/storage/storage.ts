import type { TokenCredential } from '@azure/core-auth';
import type { Config } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { lazyObject } from '../lazy.ts';
import { storageSetting } from '../storage-account.ts';
import type { BlobContainer } from './blobs.ts';
import type { Queue } from './queues.ts';
import type { StoragePlatform } from './storage-call.ts';
import type { Table } from './tables.ts';

/** The storage account of the function app. An SDK is loaded with the first call of a table, queue or container. */
export interface Storage {
  openTable(name: string): Table;
  /** Its calls throw a `ConfigError` if the account has no queues. */
  openQueue(name: string): Queue;
  /** Its calls throw a `ConfigError` if the account has no blobs. */
  openBlobs(name: string): BlobContainer;
}

/** Undefined if the app has no storage account. */
export function createStorage(
  { storage: account, managedIdentityClientId }: Pick<Config, 'storage' | 'managedIdentityClientId'>,
  platform: StoragePlatform,
  openIdentity: (clientId: string | undefined) => TokenCredential,
): Storage | undefined {
  if (account === undefined) return undefined;
  const { authorization, queueUrl, blobUrl } = account;
  const ownClientId = authorization.kind === 'identity' ? authorization.clientId : undefined;
  const managedIdentity = openIdentity(ownClientId ?? managedIdentityClientId);
  const common = { account, managedIdentity, platform };

  return {
    openTable: keepEach((name) =>
      lazyObject(async () => (await import('./open-table.ts')).openTable({ name, ...common })),
    ),
    openQueue: keepEach((name) =>
      lazyObject(async () =>
        (await import('./queues.ts')).openQueue({ name, queueUrl: queueUrl ?? raiseMissing('queues'), ...common }),
      ),
    ),
    openBlobs: keepEach((name) =>
      lazyObject(async () =>
        (await import('./blobs.ts')).openBlobContainer({ name, blobUrl: blobUrl ?? raiseMissing('blobs'), ...common }),
      ),
    ),
  };
}

function keepEach<T>(open: (name: string) => T): (name: string) => T {
  const opened = new Map<string, T>();
  return (name) => {
    const known = opened.get(name) ?? open(name);
    opened.set(name, known);
    return known;
  };
}

function raiseMissing(what: 'queues' | 'blobs'): never {
  throw new ConfigError([{ in: 'setting', name: storageSetting, detail: `must name a storage account with ${what}` }]);
}
