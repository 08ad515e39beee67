import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { callThroughSdk, type SdkOptions, type SdkWorld } from '../outbound/sdk-call.ts';
import { withTimeout } from '../outbound/timeout.ts';
import type { StorageAccount } from '../storage-account.ts';
import { authorize, toClientOptions } from './sdk-options.ts';
import { isRefusedBecause, toStorageError } from './storage-error.ts';

/** A container of the storage account, made when something is first put into it. Every failure is an `UpstreamError` of `storage`. */
export interface BlobContainer {
  /** Writes a blob, or writes it anew: all of it or, when the content breaks off, nothing. */
  write(name: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** The content as it arrives, read piece by piece; undefined when there is none. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Gone already is fine. */
  delete(name: string): Promise<void>;
  /** Deletes whatever was written before an instant (epoch milliseconds). */
  deleteOlder(before: number): Promise<void>;
}

interface BlobContainerOptions {
  name: string;
  blobUrl: string;
  account: Pick<StorageAccount, 'authorization'>;
  managedIdentity: TokenCredential;
  world: SdkWorld;
}

/** Each piece is a request of its own, with its own time and retries; no more than one is held. */
const pieceBytes = 4 * 1024 * 1024;
const pieceLimitMs = 10_000;

export function createBlobContainer(options: BlobContainerOptions): BlobContainer {
  const { clock } = options.world;
  const call = <T>(action: (sdk: SdkOptions) => Promise<T>) =>
    callThroughSdk(options.world, 'storage', toStorageError, action);
  const run = <T>(action: (container: ContainerClient) => Promise<T>) =>
    call(async (sdk) => action(await openContainer(options, sdk)));
  const runOn = <T>(name: string, action: (blob: BlockBlobClient) => Promise<T>) =>
    call(async (sdk) => action(await openBlob(options, name, sdk)));

  /** Makes the container when it is found missing. */
  async function put(name: string, action: (blob: BlockBlobClient) => Promise<unknown>): Promise<void> {
    try {
      await runOn(name, action);
    } catch (error) {
      if (!isRefusedBecause(error, 'ContainerNotFound')) throw error;
      await run((container) => container.createIfNotExists());
      await runOn(name, action);
    }
  }

  async function* readPieces(name: string, length: number, ifMatch: string | undefined): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < length; offset += pieceBytes) {
      const count = Math.min(pieceBytes, length - offset);
      yield await runOn(name, (blob) =>
        // Of an answer that is read as a stream only the beginning is watched over.
        withTimeout(clock, pieceLimitMs, async (abortSignal) => {
          const conditions = ifMatch === undefined ? {} : { ifMatch };
          const { readableStreamBody } = await blob.download(offset, count, { abortSignal, conditions });
          return await readAll(readableStreamBody);
        }),
      );
    }
  }

  return {
    async write(name, content) {
      const blocks: string[] = [];
      for await (const piece of toPieces(content)) {
        const block = toBlockId(blocks.length);
        await put(name, (blob) => blob.stageBlock(block, piece, piece.length));
        blocks.push(block);
      }
      await put(name, (blob) => blob.commitBlockList(blocks));
    },
    async read(name) {
      try {
        const { contentLength = 0, etag } = await runOn(name, (blob) => blob.getProperties());
        return readPieces(name, contentLength, etag);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async delete(name) {
      try {
        await runOn(name, (blob) => blob.delete());
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
    async deleteOlder(before) {
      for (const name of await findOlder(run, before)) await this.delete(name);
    },
  };
}

/** A request for a blob's properties is answered without a body, and so with a status alone. */
const isMissing = (error: unknown): boolean =>
  ['BlobNotFound', 'ContainerNotFound'].some((code) => isRefusedBecause(error, code));

/** Of another write of the same blob the ids differ, or the two would be mixed. */
const writer = randomUUID();
const toBlockId = (index: number): string =>
  Buffer.from(`${writer}-${String(index).padStart(6, '0')}`).toString('base64');

async function findOlder(
  run: <T>(action: (container: ContainerClient) => Promise<T>) => Promise<T>,
  before: number,
): Promise<string[]> {
  try {
    return await run(async (container) => {
      const names: string[] = [];
      for await (const { name, properties } of container.listBlobsFlat()) {
        if (properties.lastModified.getTime() < before) names.push(name);
      }
      return names;
    });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function* toPieces(content: string | Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') return yield* cut(Buffer.from(content));
  if (content instanceof Uint8Array) return yield* cut(content);
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < pieceBytes) continue;
    yield* cut(Buffer.concat(gathered));
    gathered = [];
    bytes = 0;
  }
  yield* cut(Buffer.concat(gathered));
}

function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
}

async function readAll(stream: NodeJS.ReadableStream | undefined): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function openContainer(options: BlobContainerOptions, sdk: SdkOptions): Promise<ContainerClient> {
  const { ContainerClient } = await import('./blob-sdk.ts');
  const [url, credential] = await findAddress(options, options.name);
  return credential === undefined
    ? new ContainerClient(url, undefined, toClientOptions(sdk))
    : new ContainerClient(url, credential, toClientOptions(sdk));
}

async function openBlob(options: BlobContainerOptions, blobName: string, sdk: SdkOptions): Promise<BlockBlobClient> {
  const { BlockBlobClient } = await import('./blob-sdk.ts');
  const path = blobName.split('/').map(encodeURIComponent).join('/');
  const [url, credential] = await findAddress(options, `${options.name}/${path}`);
  return credential === undefined
    ? new BlockBlobClient(url, undefined, toClientOptions(sdk))
    : new BlockBlobClient(url, credential, toClientOptions(sdk));
}

async function findAddress({ blobUrl, account, managedIdentity }: BlobContainerOptions, path: string) {
  const { StorageSharedKeyCredential } = await import('./blob-sdk.ts');
  const createKey = (accountName: string, accountKey: string) =>
    new StorageSharedKeyCredential(accountName, accountKey);
  return authorize(`${blobUrl}/${path}`, account, managedIdentity, createKey);
}
