import { packText, unpackText } from '../storage/packed-text.ts';
import type { Table } from '../storage/tables.ts';

/** The rows of a response lie in a partition of their own. An attempt has rows of its own, so that a late one overwrites nothing. */
const rowKeyOf = (startedAt: number, index: number): string => `${startedAt}-${index}`;

/** Encrypts stored responses; the id is that of the write. */
export interface ResponseProtection {
  encrypt(purpose: 'storedResponse', id: string, text: string): Promise<string>;
  decrypt(purpose: 'storedResponse', id: string, stored: string): Promise<string>;
}

interface Store {
  table: Table;
  protection: ResponseProtection;
}

/** Returns the number of rows. */
export async function storeParts(
  { table, protection }: Store,
  id: string,
  startedAt: number,
  text: string,
): Promise<number> {
  const parts = packText(await protection.encrypt('storedResponse', id, text));
  const rows = parts.map((part, index) => ({ partitionKey: id, rowKey: rowKeyOf(startedAt, index), text: part }));
  await Promise.all(rows.map((row) => table.upsert(row)));
  return parts.length;
}

/** Undefined while the rows are being removed. */
export async function readParts(
  { table, protection }: Store,
  id: string,
  { startedAt, parts }: { startedAt: number; parts: number },
): Promise<string | undefined> {
  const rows = await Promise.all(
    Array.from({ length: parts }, (_, index) => table.get(id, rowKeyOf(startedAt, index))),
  );
  const texts = rows.map((row) => row?.text).filter((text) => typeof text === 'string');
  if (texts.length < rows.length || texts.length === 0) return undefined;
  return await protection.decrypt('storedResponse', id, unpackText(texts));
}
