import { gunzipSync, gzipSync } from 'node:zlib';
import type { TableEntity } from './tables.ts';

/** Parts of 64 KB each, as the service counts. With its keys and a few more members, an entity has 1 MiB. */
const maxParts = 13;
/** JSON of this size seldom fits when compressed, and compressing it takes longer than other requests should wait. */
const maxCharacters = 2_000_000;

const nameOf = (index: number): string => `text${index}`;

/** Text as compressed members of an entity; undefined if it is too large for one. */
export function packMembers(text: string): Record<string, string> | undefined {
  if (text.length > maxCharacters) return undefined;
  const parts = packText(text);
  return parts.length > maxParts ? undefined : Object.fromEntries(parts.map((part, index) => [nameOf(index), part]));
}

/** The text in an entity; undefined for an entity without text, or with damaged text. */
export function unpackMembers(entity: TableEntity | undefined): string | undefined {
  const parts = Array.from({ length: maxParts }, (_, index) => entity?.[nameOf(index)]);
  const present = parts.filter((part) => typeof part === 'string');
  if (present.length === 0) return undefined;
  try {
    return unpackText(present);
  } catch {
    return undefined;
  }
}

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
