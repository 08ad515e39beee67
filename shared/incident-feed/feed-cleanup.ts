import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { acquireLease, type Lease, LeaseLostError } from '../storage/lease.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { StoredEntity, Table, TableChange } from '../storage/tables.ts';
import { groupByTransaction } from '../storage/transaction-groups.ts';
import { retentionMs } from './begin-run.ts';
import { checkpointKey, leaseMs, readCheckpoint } from './feed-lease.ts';
import { type FeedState, toMembers } from './feed-state.ts';
import { incidentKey } from './incident-record.ts';
import type { Listeners } from './listeners.ts';
import { logRange, parseLogRow } from './log-entry.ts';

interface CleanupParts {
  listeners: Pick<Listeners, 'read' | 'removeTenant'>;
  table: Table;
  blobs: BlobContainer;
  clock: Clock;
}

const dayMs = 24 * 60 * 60_000;
const pageSize = 50;

/**
 * Removes the incidents that were recorded more than 180 days ago, and the feeds that have neither incidents nor listeners, until a
 * deadline (epoch milliseconds). The next run continues. A tenant that fails does not stop the others.
 */
export async function removeOldIncidents(parts: CleanupParts, deadlineAt: number, log: Log): Promise<void> {
  const { listeners, blobs, clock } = parts;
  const before = clock.now() - retentionMs;
  const { tenants, activeSince } = await listeners.read();
  for (const { tenantId, lastPolledAt = 0 } of tenants) {
    if (clock.now() >= deadlineAt) return;
    const isKept = activeSince(tenantId) !== undefined || lastPolledAt > before;
    try {
      await removeIn(parts, { tenantId, before, deadlineAt, isKept });
    } catch (error) {
      if (!isStorageFailure(error) && !(error instanceof LeaseLostError)) throw error;
      const code = error instanceof UpstreamError ? (error.upstream.code ?? error.failure) : 'lease lost';
      log.warn(`Failed to remove expired incidents of tenant ${tenantId}: ${code}`);
    }
  }
  // A crash leaves blobs without rows behind.
  await blobs.deleteOlder(before - dayMs, deadlineAt);
}

interface Removal {
  tenantId: string;
  before: number;
  deadlineAt: number;
  isKept: boolean;
}

async function removeIn({ table, clock, listeners }: CleanupParts, removal: Removal): Promise<void> {
  const { tenantId, isKept } = removal;
  const isOld = (row: StoredEntity) => (parseLogRow(row)?.recordedAt ?? 0) < removal.before;
  const [oldest] = await table.list(tenantId, { ...logRange(0), top: 1 });
  if (oldest === undefined ? isKept : !isOld(oldest)) return;
  const attempt = await acquireLease({
    ...{ table, clock, partitionKey: tenantId, rowKey: checkpointKey, durationMs: leaseMs },
    ...{ readState: readCheckpoint, writeState: toMembers },
  });
  if (attempt.kind !== 'acquired') return;
  const isEmpty = await removeRows(table, clock, attempt.lease, removal, isOld);
  if (!isEmpty || isKept) await attempt.lease.release();
  else await table.delete(tenantId, checkpointKey);
  if (isEmpty && !isKept) await listeners.removeTenant(tenantId);
}

/** Returns whether the log is empty. The log is in the order of recording: the first row that is not old ends the removal. */
async function removeRows(
  table: Table,
  clock: Clock,
  lease: Lease<FeedState>,
  { tenantId, deadlineAt }: Removal,
  isOld: (row: StoredEntity) => boolean,
): Promise<boolean> {
  while (clock.now() < deadlineAt) {
    const rows = await table.list(tenantId, { ...logRange(0), top: pageSize });
    const old = rows.filter(isOld).map((row) => ({ changes: toChanges(row) }));
    for (const group of groupByTransaction(old, 1)) await lease.commit(group.flatMap(({ changes }) => changes));
    if (rows.length < pageSize || old.length < rows.length) return old.length === rows.length;
  }
  return false;
}

function toChanges(row: StoredEntity): TableChange[] {
  const { partitionKey, rowKey } = row;
  const logged = parseLogRow(row);
  const keys = logged === undefined ? [rowKey] : [rowKey, incidentKey(logged.incidentId)];
  return keys.map((key) => ({ kind: 'delete', partitionKey, rowKey: key }));
}
