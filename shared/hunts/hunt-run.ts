import pMap from 'p-map';
import * as z from 'zod/mini';
import { formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import type { Table, TableEntity } from '../storage/tables.ts';

/** The last finished run of a saved hunt in a tenant. `at`: its start, in epoch milliseconds. */
export interface HuntRun {
  tenantId: string;
  at: number;
  /** Rows that were found, or that were new. */
  rows: number;
  error?: string | undefined;
}

/** The row of a saved hunt in a tenant: the run that is due or under way, and the last finished one. */
export interface RunState {
  /** ISO 8601; identifies the run. */
  dueAt: string | undefined;
  isFinished: boolean;
  last: Omit<HuntRun, 'tenantId'> | undefined;
}

/** The partition of a hunt's runs; their row key is the tenant id. */
export const runPartitionOf = (huntId: string): string => `runs|${huntId}`;

const rowSchema = z.object({
  dueAt: z.optional(z.string()),
  isFinished: z.optional(z.boolean()),
  at: z.optional(z.iso.datetime()),
  rows: z.optional(z.string().check(z.regex(/^\d{1,15}$/))),
  error: z.optional(z.string()),
});

/** A row that cannot be read counts as absent. */
export function readRun(row: TableEntity | undefined): RunState {
  const { dueAt, isFinished = false, at, rows = '0', error } = rowSchema.safeParse(row).data ?? {};
  const startedAt = parseOptionalInstant(at);
  return {
    dueAt,
    isFinished,
    last: startedAt === undefined ? undefined : { at: startedAt, rows: Number(rows), error },
  };
}

export const writeRun = ({ dueAt, isFinished, last }: RunState) => ({
  dueAt,
  isFinished,
  at: formatOptionalInstant(last?.at),
  rows: last && String(last.rows),
  error: last?.error,
});

/** The runs of each hunt, in the order of the ids. */
export const listRuns = (table: Table, huntIds: readonly string[]): Promise<HuntRun[][]> =>
  pMap(
    huntIds,
    async (huntId) => {
      const rows = await table.list(runPartitionOf(huntId));
      return rows.flatMap((row) => {
        const { last } = readRun(row);
        return last === undefined ? [] : [{ tenantId: row.rowKey, ...last }];
      });
    },
    { concurrency: 8 },
  );
