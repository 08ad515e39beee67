import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { acquireLease, type Lease } from '../storage/lease.ts';
import type { Table, TableEntity } from '../storage/tables.ts';
import { beginRun, reserveRun } from './begin-run.ts';
import { emptyState, type FeedState, parseState, toMembers } from './feed-state.ts';
import { logRange, parseLogRow, readSequence } from './log-entry.ts';

/** `begun`: what the run has to read. The checkpoint that the lease stores is that of a run that crashes. */
export interface AcquiredFeed {
  lease: Lease<FeedState>;
  begun: FeedState;
}

interface AcquireParts {
  table: Table;
  clock: Clock;
  overlapMs: number;
  tenantId: string;
  activeSince: number;
  log: Log;
}

export const checkpointKey = 'checkpoint';
/** It is renewed while a run lasts. */
export const leaseMs = 90_000;

class UnreadableCheckpointError extends Error {
  override readonly name = 'UnreadableCheckpointError';
}

/** Undefined while another instance runs the feed of the tenant. */
export async function acquireFeed(parts: AcquireParts): Promise<AcquiredFeed | undefined> {
  const { table, tenantId, log } = parts;
  try {
    return await acquire(parts, readCheckpoint);
  } catch (error) {
    if (!(error instanceof UnreadableCheckpointError)) throw error;
    const recovered = await recoverState(table, tenantId);
    log.warn(`Tenant ${tenantId}: the checkpoint of the incident feed is unreadable; continuing behind the log.`);
    return await acquire(parts, (row) => (row && parseState(row)) ?? recovered);
  }
}

async function acquire(
  { table, clock, overlapMs, tenantId, activeSince }: AcquireParts,
  readState: (row: TableEntity | undefined) => FeedState,
): Promise<AcquiredFeed | undefined> {
  let begun = emptyState;
  const attempt = await acquireLease({
    table,
    clock,
    partitionKey: tenantId,
    rowKey: checkpointKey,
    durationMs: leaseMs,
    readState,
    writeState: toMembers,
    begin(state) {
      const now = clock.now();
      begun = beginRun(state, { now, overlapMs, activeSince });
      return reserveRun(begun, now);
    },
  });
  return attempt.kind === 'acquired' ? { lease: attempt.lease, begun } : undefined;
}

/** @throws {UnreadableCheckpointError} Starting over would skip the versions since then. */
export function readCheckpoint(row: TableEntity | undefined): FeedState {
  if (row === undefined) return emptyState;
  const state = parseState(row);
  if (state === undefined) throw new UnreadableCheckpointError('The checkpoint of a tenant is unreadable');
  return state;
}

const pageSize = 100;

/** A checkpoint behind the last version in the log, for one that is unreadable. */
export async function recoverState(table: Table, tenantId: string): Promise<FeedState> {
  let [lastSequence, highWatermark] = [0, 0];
  for (;;) {
    const rows = await table.list(tenantId, { ...logRange(lastSequence), top: pageSize });
    for (const row of rows) {
      lastSequence = readSequence(row.rowKey);
      highWatermark = Math.max(highWatermark, parseLogRow(row)?.recordedAt ?? 0);
    }
    if (rows.length < pageSize) break;
  }
  // Some of the last transaction may still be unpublished. Publishing again is harmless.
  const publishedSequence = Math.max(0, lastSequence - pageSize);
  return { ...emptyState, highWatermark: highWatermark || undefined, lastSequence, publishedSequence };
}
