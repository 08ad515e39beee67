import type { Clock } from '../clock.ts';
import { toTicks } from '../defender/ticks.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { acquireLease, type Lease } from '../storage/lease.ts';
import type { StoredEntity, Table, TableChange } from '../storage/tables.ts';
import { groupByTransaction } from '../storage/transaction-groups.ts';
import { checkpointKey, readCheckpoint } from './feed-lease.ts';
import { type FeedState, toMembers } from './feed-state.ts';
import { incidentRange, parseIncidentRow } from './incident-row.ts';
import type { Listeners } from './listeners.ts';
import { logKey } from './log-row.ts';

interface CleanupParts {
  listeners: Pick<Listeners, 'list'>;
  table: Table;
  blobs: BlobContainer;
  clock: Clock;
}

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
/** Defender keeps an incident as long: https://learn.microsoft.com/defender-xdr/data-privacy */
const keptMs = 180 * dayMs;
/** Once a day: every recorded incident is read. */
const cleanupHour = 3;
const pageSize = 500;
const leaseMs = 90_000;

/** Removes incidents that have not been updated for 180 days. */
export async function removeOldIncidents({ listeners, table, blobs, clock }: CleanupParts): Promise<void> {
  const now = clock.now();
  if (Math.floor((now % dayMs) / hourMs) !== cleanupHour) return;
  for (const { tenantId } of await listeners.list()) await removeIn(table, clock, tenantId);
  await blobs.deleteOlder(now - keptMs - dayMs);
}

async function removeIn(table: Table, clock: Clock, tenantId: string): Promise<void> {
  const attempt = await acquireLease({
    table,
    clock,
    partitionKey: tenantId,
    rowKey: checkpointKey,
    durationMs: leaseMs,
    readState: readCheckpoint,
    writeState: toMembers,
  });
  if (attempt.kind !== 'acquired') return;
  try {
    await removePages(table, attempt.lease, tenantId, clock.now() - keptMs);
  } finally {
    await attempt.lease.release();
  }
}

async function removePages(table: Table, lease: Lease<FeedState>, tenantId: string, before: number): Promise<void> {
  for (let { from } = incidentRange; ; ) {
    const rows = await table.list(tenantId, { ...incidentRange, from, top: pageSize });
    const old = rows.map((row) => toRemoval(row, before)).filter(({ changes }) => changes.length > 0);
    for (const group of groupByTransaction(old, 1)) await lease.commit(group.flatMap(({ changes }) => changes));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    from = `${last.rowKey}|`;
  }
}

function toRemoval({ partitionKey, rowKey, ...row }: StoredEntity, before: number): { changes: TableChange[] } {
  const record = parseIncidentRow({ partitionKey, rowKey, ...row });
  if (record !== undefined && record.updatedAt >= toTicks(before)) return { changes: [] };
  const keys = record === undefined ? [rowKey] : [rowKey, logKey(record.sequence)];
  return { changes: keys.map((key) => ({ kind: 'delete', partitionKey, rowKey: key })) };
}
