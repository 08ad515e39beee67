import pMap from 'p-map';
import * as z from 'zod/mini';
import type { IncidentVersion } from '../defender/incident-window.ts';
import { formatTicks, parseTicks, type Ticks } from '../defender/ticks.ts';
import { parsedString } from '../schema.ts';
import { parseStored } from '../storage/stored-json.ts';
import type { StoredEntity, Table, TableEntity } from '../storage/tables.ts';
import type { Publication, VersionPosition } from '../webhooks/event.ts';

/** The record of an incident. */
export interface IncidentRecord {
  updatedAt: Ticks;
  /** Position of this version in the log. */
  sequence: number;
  published: readonly Publication[];
  /** Whether the body of this version is a blob. */
  isLarge: boolean;
}

export const incidentKey = (incidentId: number): string => `incident|${String(incidentId).padStart(16, '0')}`;

const position = z.object({ sequence: z.int(), updatedAt: z.int() });
const publications = z.array(
  z.object({ severity: z.optional(z.string()), status: z.optional(z.string()), first: position, last: position }),
);

export const publicationsText = parsedString((text) => parseStored(publications, text), 'must be publications');

const rowSchema = z.object({
  version: parsedString<Ticks>(parseTicks, 'must be an instant'),
  sequence: z.string().check(z.regex(/^\d{1,15}$/)),
  published: publicationsText,
  isLarge: z.boolean(),
});

/** Undefined for a row that cannot be read. */
function parseIncidentRow(row: TableEntity): IncidentRecord | undefined {
  const { data } = rowSchema.safeParse(row);
  return data && { ...data, updatedAt: data.version, sequence: Number(data.sequence) };
}

export const toIncidentRow = (tenantId: string, incidentId: number, record: IncidentRecord): TableEntity => ({
  partitionKey: tenantId,
  rowKey: incidentKey(incidentId),
  version: formatTicks(record.updatedAt),
  sequence: String(record.sequence),
  published: JSON.stringify(record.published),
  isLarge: record.isLarge,
});

/** More than the enumerations have combinations, unless a service invents them. */
const maxPublications = 64;

/** The publications of an incident after one more version. */
export function addPublication(
  published: readonly Publication[],
  { severity, status }: Pick<Publication, 'severity' | 'status'>,
  position: VersionPosition,
): Publication[] {
  const isSame = (each: Publication) => each.severity === severity && each.status === status;
  const known = published.find(isSame);
  const others = published.filter((each) => !isSame(each));
  return [...others.slice(1 - maxPublications), { severity, status, first: known?.first ?? position, last: position }];
}

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
