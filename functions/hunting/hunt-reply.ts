import * as z from 'zod/mini';
import type { HuntRun } from '../../shared/hunts/hunt-run.ts';
import type { SavedHunt } from '../../shared/hunts/saved-hunts.ts';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';

const run = z.object({
  tenantId: withDescription(z.string(), 'Tenant of the run'),
  at: withDescription(z.iso.datetime(), 'Start of the run'),
  rows: withDescription(z.int(), 'Rows delivered'),
  error: withDescription(z.optional(z.string()), 'Reason for a failed run'),
});

/** A saved hunt. */
export const hunt = z
  .object({
    id: withDescription(z.guid(), 'Hunt ID'),
    name: withDescription(z.string(), 'Display name'),
    query: withDescription(z.string(), 'Query in KQL'),
    timespan: withDescription(z.optional(z.string()), 'ISO 8601 duration or interval'),
    schedule: withDescription(z.string(), 'NCRONTAB expression, in UTC'),
    tenantIds: withDescription(z.array(z.string()), 'Tenant IDs, or `*` for all served tenants'),
    onlyNew: withDescription(z.optional(z.string()), 'Column by which rows are deduplicated'),
    createdAt: withDescription(z.iso.datetime(), 'Creation time'),
    createdBy: withDescription(z.string(), 'Object ID of the caller that created it, or key for a function key'),
    nextRunAt: withDescription(z.iso.datetime(), 'Next run'),
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
