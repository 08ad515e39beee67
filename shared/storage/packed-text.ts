import { gunzipSync, gzipSync } from 'node:zlib';

/** A property of an entity takes 64 KiB of UTF-16. */
const maxPart = 32_000;

/** Text of any length in parts that each fit into a property of an entity. */
export function packText(text: string): string[] {
  const packed = gzipSync(text).toString('base64');
  return Array.from({ length: Math.ceil(packed.length / maxPart) }, (_, index) =>
    packed.slice(index * maxPart, (index + 1) * maxPart),
  );
}

/** The text that was packed; all of its parts are needed. */
export const unpackText = (parts: readonly string[]): string =>
  gunzipSync(Buffer.from(parts.join(''), 'base64')).toString();
