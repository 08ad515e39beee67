import type { TokenCredential } from '@azure/core-auth';
import type { Config } from '../config.ts';
import { ConfigError } from '../errors.ts';
import type { SdkWorld } from '../outbound/sdk-call.ts';
import { storageSetting } from '../storage-account.ts';
import type { BlobContainer } from './blobs.ts';
import { openLazily } from './lazy-table.ts';
import type { Queue } from './queues.ts';
import type { Table } from './tables.ts';

/** The storage account of the function app. Its SDKs are loaded with their first use: most calls need none. */
export interface Storage {
  openTable(name: string): Table;
  /** Its calls throw a `ConfigError` where the account has no queues. */
  openQueue(name: string): Queue;
  /** Its calls throw a `ConfigError` where the account has no blobs. */
  openBlobs(name: string): BlobContainer;
}

/** Undefined where the app has no storage account. */
export function createStorage(
  { storage: account, managedIdentityClientId }: Pick<Config, 'storage' | 'managedIdentityClientId'>,
  world: SdkWorld,
  openIdentity: (clientId: string | undefined) => TokenCredential,
): Storage | undefined {
  if (account === undefined) return undefined;
  const { authorization, queueUrl, blobUrl } = account;
  const ownClientId = authorization.kind === 'identity' ? authorization.clientId : undefined;
  const managedIdentity = openIdentity(ownClientId ?? managedIdentityClientId);
  const common = { account, managedIdentity, world };

  return {
    openTable: openEachOnce((name) =>
      openLazily(async () => (await import('./tables.ts')).createTable({ name, ...common })),
    ),
    openQueue: openEachOnce((name) => {
      const queue = once(async () =>
        (await import('./queues.ts')).createQueue({ name, queueUrl: queueUrl ?? raiseMissing('queues'), ...common }),
      );
      return { send: async (...message) => (await queue()).send(...message) };
    }),
    openBlobs: openEachOnce((name) => {
      const container = once(async () =>
        (await import('./blobs.ts')).createBlobContainer({
          name,
          blobUrl: blobUrl ?? raiseMissing('blobs'),
          ...common,
        }),
      );
      return {
        write: async (...blob) => (await container()).write(...blob),
        read: async (blobName) => (await container()).read(blobName),
        delete: async (blobName) => (await container()).delete(blobName),
        deleteOlder: async (before) => (await container()).deleteOlder(before),
      };
    }),
  };
}

function openEachOnce<T>(open: (name: string) => T): (name: string) => T {
  const opened = new Map<string, T>();
  return (name) => {
    const known = opened.get(name) ?? open(name);
    opened.set(name, known);
    return known;
  };
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

function raiseMissing(what: 'queues' | 'blobs'): never {
  throw new ConfigError([{ in: 'setting', name: storageSetting, detail: `must name a storage account with ${what}` }]);
}
