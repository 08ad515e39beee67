import * as z from 'zod/mini';
import { formatInstant, formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import type { TableEntity } from '../storage/tables.ts';

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
