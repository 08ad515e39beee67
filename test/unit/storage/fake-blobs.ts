import { UpstreamError } from '../../../shared/errors.ts';
import type { BlobContainer } from '../../../shared/storage/blobs.ts';

interface FakeBlobs extends BlobContainer {
  readonly names: readonly string[];
  /** From now on nothing is answered, or is again. */
  setDown(isDown: boolean): void;
}

/** A container of blobs in memory. */
export function createFakeBlobs(now: () => number): FakeBlobs {
  const blobs = new Map<string, { bytes: Uint8Array; writtenAt: number }>();
  let isDown = false;

  function requireUp(): void {
    if (isDown) throw new UpstreamError('The storage is down.', { service: 'storage', failure: 'connection' });
  }

  async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  }

  return {
    get names() {
      return [...blobs.keys()];
    },
    setDown(down) {
      isDown = down;
    },
    async write(name, content) {
      requireUp();
      const chunks: Uint8Array[] = [];
      if (typeof content === 'string') chunks.push(Buffer.from(content));
      else if (content instanceof Uint8Array) chunks.push(content);
      else for await (const chunk of content) chunks.push(chunk);
      blobs.set(name, { bytes: Buffer.concat(chunks), writtenAt: now() });
    },
    async read(name) {
      requireUp();
      const blob = blobs.get(name);
      return blob && pieces(blob.bytes);
    },
    async delete(name) {
      requireUp();
      blobs.delete(name);
    },
    async deleteOlder(before) {
      requireUp();
      for (const [name, { writtenAt }] of blobs) if (writtenAt < before) blobs.delete(name);
    },
  };
}
