import * as z from 'zod/mini';
import { packText, unpackText } from '../storage/packed-text.ts';
import type { Table, TableEntity } from '../storage/tables.ts';

/** A write that is this call's alone, which has to end it in one of three ways. A claim that was taken over meanwhile ends in none. */
export interface Claim {
  kind: 'claimed';
  /** Epoch milliseconds at which the first try began of which nobody knows what came of it; undefined without such a try. */
  previousAttemptAt: number | undefined;
  /** From now on this is its outcome. */
  complete(outcome: string): Promise<void>;
  /** It was not done, and may be asked for again as if it had never been. */
  release(): Promise<void>;
  /** It may have been done. */
  markUncertain(): Promise<void>;
}

/** The partition of the writes themselves. What came of each is in a partition of its own. */
export const partitionKey = 'write';

export const rowSchema = z.object({
  request: z.string(),
  state: z.enum(['running', 'uncertain', 'settled']),
  startedAt: z.iso.datetime(),
  previousAttemptAt: z.optional(z.iso.datetime()),
  /** In how many rows the outcome is kept. */
  parts: z.optional(z.string()),
  etag: z.string(),
});
type Row = z.output<typeof rowSchema>;

/** The row of a write that has just been claimed. */
export type ClaimedRow = TableEntity & { startedAt: string; previousAttemptAt?: string };

export function createClaim(table: Table, claimed: ClaimedRow): Claim {
  const { rowKey: id, startedAt, previousAttemptAt } = claimed;

  async function findOwn(): Promise<Row | undefined> {
    const { data } = rowSchema.safeParse(await table.get(partitionKey, id));
    return data?.startedAt === startedAt ? data : undefined;
  }

  async function change(members: Record<string, string>): Promise<void> {
    const own = await findOwn();
    if (own !== undefined) await table.replace({ ...claimed, ...members }, own.etag);
  }

  const markUncertain = () => change({ state: 'uncertain', previousAttemptAt: previousAttemptAt ?? startedAt });

  return {
    kind: 'claimed',
    previousAttemptAt: previousAttemptAt === undefined ? undefined : Date.parse(previousAttemptAt),
    async complete(outcome) {
      const parts = packText(outcome);
      const rows = parts.map((text, index) => ({ partitionKey: id, rowKey: partKey(startedAt, index), text }));
      await Promise.all(rows.map((row) => table.upsert(row)));
      await change({ state: 'settled', parts: String(parts.length) });
    },
    markUncertain,
    async release() {
      // That this try did nothing does not tell what an earlier one did.
      if (previousAttemptAt !== undefined) return await markUncertain();
      const own = await findOwn();
      if (own !== undefined) await table.delete(partitionKey, id, own.etag);
    },
  };
}

/** What a claim was settled with; undefined when it is being removed at this moment. */
export async function readOutcome(
  table: Table,
  id: string,
  { startedAt, parts = '0' }: Row,
): Promise<string | undefined> {
  const rowKeys = Array.from({ length: Number(parts) }, (_, index) => partKey(startedAt, index));
  const rows = await Promise.all(rowKeys.map((rowKey) => table.get(id, rowKey)));
  const texts = rows.map((row) => row?.text).filter((text) => typeof text === 'string');
  return texts.length === rows.length && texts.length > 0 ? unpackText(texts) : undefined;
}

/** Of one try, so that a late one does not overwrite the outcome of another. */
const partKey = (startedAt: string, index: number): string => `${startedAt}-${index}`;
