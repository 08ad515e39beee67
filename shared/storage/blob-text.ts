import type { BlobContainer } from './blobs.ts';

/** All of a blob as text; undefined if the blob does not exist. */
export async function readBlobText(blobs: BlobContainer, name: string): Promise<string | undefined> {
  const content = await blobs.read(name);
  if (content === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
