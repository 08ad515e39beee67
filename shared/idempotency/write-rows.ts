import * as z from 'zod/mini';
import { formatInstant, formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import { packText, unpackText } from '../storage/packed-members.ts';
import type { Table, TableEntity } from '../storage/tables.ts';

/** The state of the calls with one idempotency key. Instants are epoch milliseconds. */
export interface WriteState {
  /** Digest of the request. */
  request: string;
  /** `started`: it runs, or its instance crashed · `uncertain`: it may have been applied · `released`: it was not applied. */
  status: 'started' | 'uncertain' | 'released' | 'completed';
  startedAt: number;
  /** When the first attempt began whose outcome is unknown. */
  previousAttemptAt: number | undefined;
  /** Number of rows that hold the stored response. */
  parts: number;
}

const rowSchema = z.object({
  request: z.string(),
  status: z.enum(['started', 'uncertain', 'released', 'completed']),
  startedAt: z.iso.datetime(),
  previousAttemptAt: z.optional(z.iso.datetime()),
  parts: z.string().check(z.regex(/^\d{1,4}$/)),
});

const absent: WriteState = { request: '', status: 'released', startedAt: 0, previousAttemptAt: undefined, parts: 0 };

/** A missing or unreadable row is a write that was not applied. */
export function readWriteState(row: TableEntity | undefined): WriteState {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return absent;
  const { request, status, startedAt, previousAttemptAt, parts } = data;
  return {
    request,
    status,
    startedAt: Date.parse(startedAt),
    previousAttemptAt: parseOptionalInstant(previousAttemptAt),
    parts: Number(parts),
  };
}

export const toWriteMembers = (state: WriteState): Record<string, string | undefined> => ({
  request: state.request,
  status: state.status,
  startedAt: formatInstant(state.startedAt),
  previousAttemptAt: formatOptionalInstant(state.previousAttemptAt),
  parts: String(state.parts),
});

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
