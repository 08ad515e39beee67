import type { Table } from '../storage/tables.ts';
import { emptyState, type FeedState } from './feed-state.ts';
import { logRange, parseLogRow, readSequence } from './log-row.ts';

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
