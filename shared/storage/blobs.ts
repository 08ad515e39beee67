import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { BlockBlobClient } from '@azure/storage-blob';
import type { StorageAccount } from '../storage-account.ts';
import { pieceBytes, toPieces } from './pieces.ts';
import { type CallOptions, callStorage, type StoragePlatform, toClientOptions } from './storage-call.ts';
import { isRefusedBecause } from './storage-error.ts';

/** A blob container of the storage account, created by its first blob. Every failure is an `UpstreamError` of `storage`. */
export interface BlobContainer {
  /** Creates or replaces a blob: all of it or, if the content breaks off, nothing. */
  write(name: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** The content, requested piece by piece while it is read; undefined if the blob does not exist. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** A missing blob is not an error. */
  delete(name: string): Promise<void>;
  /** Deletes the blobs that were last written before an instant, until the deadline (epoch milliseconds). Default: all of them. */
  deleteOlder(beforeAt: number, deadlineAt?: number): Promise<void>;
}

interface BlobContainerOptions {
  name: string;
  blobUrl: string;
  account: Pick<StorageAccount, 'authorization'>;
  managedIdentity: TokenCredential;
  platform: StoragePlatform;
}

/** Loads the SDK. */
export async function openBlobContainer(options: BlobContainerOptions): Promise<BlobContainer> {
  const { platform } = options;
  const { container, openBlob } = await createClients(options);
  const run = <T>(name: string, action: (blob: BlockBlobClient, call: CallOptions) => Promise<T>) =>
    callStorage(platform, (call) => action(openBlob(name), call));

  /** Creates the container if it does not exist. */
  async function put(
    name: string,
    action: (blob: BlockBlobClient, call: CallOptions) => Promise<unknown>,
  ): Promise<void> {
    try {
      await run(name, action);
    } catch (error) {
      if (!isRefusedBecause(error, 'ContainerNotFound')) throw error;
      await callStorage(platform, (call) => container.createIfNotExists(call));
      await run(name, action);
    }
  }

  async function* readPieces(name: string, length: number, ifMatch: string | undefined): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < length; offset += pieceBytes) {
      const count = Math.min(pieceBytes, length - offset);
      yield await run(name, async (blob, call) => {
        const conditions = ifMatch === undefined ? {} : { ifMatch };
        const { readableStreamBody } = await blob.download(offset, count, { ...call, conditions, maxRetryRequests: 0 });
        return await readAll(readableStreamBody);
      });
    }
  }

  async function listPage(continuationToken: string | undefined) {
    try {
      const settings = { maxPageSize: listPageSize, ...(continuationToken && { continuationToken }) };
      const page = await callStorage(platform, (call) => container.listBlobsFlat(call).byPage(settings).next());
      const { segment, continuationToken: next } = page.done ? {} : page.value;
      return { blobs: segment?.blobItems ?? [], continuationToken: next };
    } catch (error) {
      if (isMissing(error)) return { blobs: [], continuationToken: undefined };
      throw error;
    }
  }

  async function remove(name: string): Promise<void> {
    try {
      await run(name, (blob, call) => blob.delete(call));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  return {
    async write(name, content) {
      const toBlockId = createBlockIds();
      const blocks: string[] = [];
      for await (const piece of toPieces(content)) {
        const isAll = blocks.length === 0 && piece.length < pieceBytes;
        if (isAll) return await put(name, (blob, call) => blob.upload(piece, piece.length, call));
        const block = toBlockId(blocks.length);
        await put(name, (blob, call) => blob.stageBlock(block, piece, piece.length, call));
        blocks.push(block);
      }
      await put(name, (blob, call) => blob.commitBlockList(blocks, call));
    },
    async read(name) {
      try {
        const { contentLength = 0, etag } = await run(name, (blob, call) => blob.getProperties(call));
        return readPieces(name, contentLength, etag);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    delete: remove,
    async deleteOlder(beforeAt, deadlineAt = Number.POSITIVE_INFINITY) {
      let continuationToken: string | undefined;
      do {
        const page = await listPage(continuationToken);
        const old = page.blobs.filter(({ properties }) => properties.lastModified.getTime() < beforeAt);
        for (const { name } of old) {
          if (platform.clock.now() >= deadlineAt) return;
          await remove(name);
        }
        continuationToken = page.continuationToken;
      } while (continuationToken && platform.clock.now() < deadlineAt);
    },
  };
}

const listPageSize = 1_000;

const isMissing = (error: unknown): boolean =>
  ['BlobNotFound', 'ContainerNotFound'].some((code) => isRefusedBecause(error, code));

/** Unique to one write, so that two writes of a blob at the same time are never mixed. */
function createBlockIds(): (index: number) => string {
  const write = randomUUID();
  return (index) => Buffer.from(`${write}-${String(index).padStart(6, '0')}`).toString('base64');
}

async function readAll(stream: NodeJS.ReadableStream | undefined): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A blob client made by the container's would add our sending policy to their common pipeline once more. */
async function createClients({ name, blobUrl, account, managedIdentity, platform }: BlobContainerOptions) {
  const { BlockBlobClient, ContainerClient } = await import('./blob-sdk.ts');
  const options = toClientOptions(platform);
  const { authorization } = account;
  if (authorization.kind === 'connectionString') {
    const { connectionString } = authorization;
    return {
      container: new ContainerClient(connectionString, name, options),
      openBlob: (blobName: string) => new BlockBlobClient(connectionString, name, blobName, options),
    };
  }
  const url = `${blobUrl}/${name}`;
  return {
    container: new ContainerClient(url, managedIdentity, options),
    openBlob: (blobName: string) =>
      new BlockBlobClient(`${url}/${blobName.split('/').map(encodeURIComponent).join('/')}`, managedIdentity, options),
  };
}
