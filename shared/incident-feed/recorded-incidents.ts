import pMap from 'p-map';
import type { IncidentVersion } from '../defender/incident-window.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import { type IncidentRecord, incidentKey, parseIncidentRow } from './incident-row.ts';

const readConcurrency = 16;
/** Up to this many rows, reading a range is cheaper than reading single rows. */
const minRangeRows = 200;

/** The newest version of each incident, in the order of update: a page may hold an incident twice. */
export function newestOfEach(versions: readonly IncidentVersion[]): IncidentVersion[] {
  const newest = new Map<number, IncidentVersion>();
  for (const version of versions) {
    const other = newest.get(version.incidentId);
    if (other === undefined || other.updatedAt < version.updatedAt) newest.set(version.incidentId, version);
  }
  return [...newest.values()].sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : 1));
}

/** What is recorded of these incidents, by id. */
export async function readRecords(
  table: Table,
  tenantId: string,
  versions: readonly IncidentVersion[],
): Promise<Map<number, IncidentRecord>> {
  const ids = [...new Set(versions.map(({ incidentId }) => incidentId))];
  const rows = await readRows(table, tenantId, ids);
  const byKey = new Map(rows.map((row) => [row.rowKey, row]));
  return new Map(
    ids.flatMap((id): [number, IncidentRecord][] => {
      const row = byKey.get(incidentKey(id));
      const record = row && parseIncidentRow(row);
      return record === undefined ? [] : [[id, record]];
    }),
  );
}

/** Ids of neighbors in time are neighbors: one call reads them all. Ids that are far apart are read one by one. */
async function readRows(table: Table, tenantId: string, ids: readonly number[]): Promise<StoredEntity[]> {
  const least = Math.min(...ids);
  const greatest = Math.max(...ids);
  const isDense = greatest - least < Math.max(minRangeRows, 5 * ids.length);
  if (ids.length > 1 && isDense)
    return await table.list(tenantId, { from: incidentKey(least), before: incidentKey(greatest + 1) });
  const found = await pMap(ids, (id) => table.get(tenantId, incidentKey(id)), { concurrency: readConcurrency });
  return found.filter((row) => row !== undefined);
}
