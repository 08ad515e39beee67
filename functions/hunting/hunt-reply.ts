import * as z from 'zod/mini';
import type { HuntRun, SavedHunt } from '../../shared/hunts/saved-hunts.ts';
import { withDescription } from '../../shared/schema.ts';

const run = z.object({
  tenantId: z.string(),
  at: z.iso.datetime(),
  rows: withDescription(z.int(), 'How many rows were found, or were new'),
  error: z.optional(z.string()),
});

/** A saved hunt as callers see it. */
export const hunt = z
  .object({
    id: z.guid(),
    name: z.string(),
    query: z.string(),
    timespan: z.optional(z.string()),
    schedule: z.string(),
    tenantIds: withDescription(z.array(z.string()), 'Tenant ids, or * for every tenant'),
    onlyNew: z.optional(z.string()),
    createdAt: z.iso.datetime(),
    nextRunAt: z.iso.datetime(),
    lastRuns: withDescription(z.array(run), 'The last run in each tenant'),
  })
  .register(z.globalRegistry, { id: 'Hunt' });

export function toHuntReply(
  { id, name, query, timespan, schedule, tenantIds, onlyNew, createdAt, nextRunAt }: SavedHunt,
  runs: readonly HuntRun[],
): z.output<typeof hunt> {
  const instant = (at: number) => new Date(at).toISOString();
  return {
    id,
    name,
    query,
    ...(timespan !== undefined && { timespan }),
    schedule,
    tenantIds,
    ...(onlyNew !== undefined && { onlyNew }),
    createdAt: instant(createdAt),
    nextRunAt: instant(nextRunAt),
    lastRuns: runs.map(({ tenantId, at, rows, error }) => ({
      tenantId,
      at: instant(at),
      rows,
      ...(error !== undefined && { error }),
    })),
  };
}
