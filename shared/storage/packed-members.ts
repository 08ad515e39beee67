import { packText, unpackText } from './packed-text.ts';
import type { TableEntity } from './tables.ts';

/** Of 64 KB each as the service counts; with its keys, and some members more, an entity takes 1 MiB. */
const maxParts = 13;

const nameOf = (index: number): string => `text${index}`;

/** Text as members of an entity; undefined when it is too large for one. */
export function packMembers(text: string): Record<string, string> | undefined {
  const parts = packText(text);
  return parts.length > maxParts ? undefined : Object.fromEntries(parts.map((part, index) => [nameOf(index), part]));
}

/** The text that an entity holds; undefined when it holds none. */
export function unpackMembers(entity: TableEntity | undefined): string | undefined {
  const parts = Array.from({ length: maxParts }, (_, index) => entity?.[nameOf(index)]);
  const present = parts.filter((part) => typeof part === 'string');
  return present.length === 0 ? undefined : unpackText(present);
}
