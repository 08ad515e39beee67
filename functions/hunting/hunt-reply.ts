import * as z from 'zod/mini';
import type { HuntRun } from '../../shared/hunts/hunt-run.ts';
import type { SavedHunt } from '../../shared/hunts/saved-hunts.ts';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';

const run = z.object({
  tenantId: z.string(),
  at: withDescription(z.iso.datetime(), 'Start of the run'),
  rows: withDescription(z.int(), 'Rows delivered'),
  error: withDescription(z.optional(z.string()), 'Reason for a failed run'),
});

/** A saved hunt. */
export const hunt = z
  .object({
    id: z.guid(),
    name: z.string(),
    query: z.string(),
    timespan: z.optional(z.string()),
    schedule: z.string(),
    tenantIds: withDescription(z.array(z.string()), 'Tenant ids, or `*` for all served tenants'),
    onlyNew: z.optional(z.string()),
    createdAt: z.iso.datetime(),
    createdBy: withDescription(z.string(), 'Object ID of the caller that created it, or key for a function key'),
    nextRunAt: z.iso.datetime(),
    lastRuns: withDescription(z.array(run), 'Last run in each tenant'),
  })
  .register(z.globalRegistry, { id: 'Hunt' });

export function toHuntReply(
  { id, name, query, timespan, schedule, tenantIds, onlyNew, createdAt, createdBy, nextRunAt }: SavedHunt,
  runs: readonly HuntRun[],
): z.output<typeof hunt> {
  return {
    id,
    name,
    query,
    ...(timespan !== undefined && { timespan }),
    schedule,
    tenantIds,
    ...(onlyNew !== undefined && { onlyNew }),
    createdAt: formatInstant(createdAt),
    createdBy,
    nextRunAt: formatInstant(nextRunAt),
    lastRuns: runs.map(({ tenantId, at, rows, error }) => ({
      tenantId,
      at: formatInstant(at),
      rows,
      ...(error !== undefined && { error }),
    })),
  };
}
