import type { BlobContainer } from '../../../shared/storage/blobs.ts';
import { createFaults, type Faulty } from './faults.ts';

interface FakeBlobs extends BlobContainer, Faulty<keyof BlobContainer> {
  readonly names: readonly string[];
}

/** A blob container in memory. */
export function createFakeBlobs(now: () => number): FakeBlobs {
  const blobs = new Map<string, { bytes: Uint8Array; writtenAt: number }>();
  const { run, injectFault, setDown } = createFaults<keyof BlobContainer>();

  async function* toPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  }

  return {
    get names() {
      return [...blobs.keys()];
    },
    injectFault,
    setDown,
    write: (name, content) =>
      run('write', [name], async () => {
        const chunks: Uint8Array[] = [];
        if (typeof content === 'string') chunks.push(Buffer.from(content));
        else if (content instanceof Uint8Array) chunks.push(content);
        else for await (const chunk of content) chunks.push(chunk);
        blobs.set(name, { bytes: Buffer.concat(chunks), writtenAt: now() });
      }),
    read: (name) =>
      run('read', [name], () => {
        const blob = blobs.get(name);
        return blob && toPieces(blob.bytes);
      }),
    delete: (name) =>
      run('delete', [name], () => {
        blobs.delete(name);
      }),
    deleteOlder: (before) =>
      run('deleteOlder', [], () => {
        for (const [name, { writtenAt }] of blobs) if (writtenAt < before) blobs.delete(name);
      }),
  };
}
