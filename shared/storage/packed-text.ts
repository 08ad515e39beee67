import { gunzipSync, gzipSync } from 'node:zlib';

/** A property of an entity holds 64 KiB of UTF-16. */
const maxPartCharacters = 32_000;

/** Compresses text into parts that each fit into a property of an entity. */
export function packText(text: string): string[] {
  const packed = gzipSync(text).toString('base64');
  return Array.from({ length: Math.ceil(packed.length / maxPartCharacters) }, (_, index) =>
    packed.slice(index * maxPartCharacters, (index + 1) * maxPartCharacters),
  );
}

/** The inverse of `packText`. Throws for damaged parts. */
export const unpackText = (parts: readonly string[]): string =>
  gunzipSync(Buffer.from(parts.join(''), 'base64')).toString();
