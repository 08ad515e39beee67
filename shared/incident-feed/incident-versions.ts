import pMap from 'p-map';
import type { IncidentVersion } from '../defender/incident-window.ts';
import { formatTicks, parseTicks, type Ticks } from '../defender/ticks.ts';
import { readBlobText } from '../storage/blob-text.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { StoredEntity, Table, TableChange, TableEntity } from '../storage/tables.ts';
import type { PublishEvents, TenantEvent } from '../webhooks/event.ts';
import { FeedLeaseLostError } from './feed-lease.ts';

/** What came of some versions of incidents. */
interface Taken {
  published: number;
  /** Versions that had been handed on before. */
  suppressed: number;
  /** Of what was handed on. */
  newestAt: Ticks | undefined;
}

/** Which version of each incident of a tenant was handed on last. */
export interface FeedLedger {
  /** Hands on what is new. What is `isBaseline` is noted only: it was there before the feed began. */
  take(versions: readonly IncidentVersion[], isBaseline: boolean): Promise<Taken>;
  /** Hands on what somebody before us meant to, and did not come to. */
  republishPending(): Promise<void>;
}

interface LedgerParts {
  tenantId: string;
  table: Table;
  /** For incidents that are too large for a row. */
  blobs: BlobContainer;
  publishEvents: PublishEvents;
}

/** Two rows each, of what a transaction takes. */
const maxTogether = 48;
const maxBytes = 3_500_000;
const readConcurrency = 16;

const ledgerKey = (incidentId: number): string => `incident|${String(incidentId).padStart(16, '0')}`;
const events = { from: 'event|', before: 'event}' };

/** An incident that is seen, noted and handed on in one go: a crash leaves it either unseen, or noted together with what is to be handed on. */
export function createFeedLedger({ tenantId, table, blobs, publishEvents }: LedgerParts): FeedLedger {
  /** The keys of events that are blobs. */
  const large = new Set<string>();

  async function take(versions: readonly IncidentVersion[], isBaseline: boolean): Promise<Taken> {
    const known = await readKnown(table, tenantId, versions);
    const isNew = ({ incidentId, updatedAt }: IncidentVersion) => {
      const row = known.get(ledgerKey(incidentId));
      return row === undefined || updatedAt > (parseTicks(row.version) ?? 0n);
    };
    const fresh = newestOfEach(versions).filter(isNew);
    const taken: Taken = { published: 0, suppressed: versions.length - fresh.length, newestAt: undefined };
    const noted = await pMap(fresh, (version) =>
      toChanges(version, known.get(ledgerKey(version.incidentId)), isBaseline),
    );
    for (const group of toGroups(noted)) {
      if (!(await table.transact(group.flatMap(({ changes }) => changes)))) {
        throw new FeedLeaseLostError('Somebody else notes the incidents of this tenant');
      }
      if (!isBaseline) await publish(group.map(({ event }) => event));
    }
    if (isBaseline) return taken;
    const newestAt = fresh.reduce<Ticks | undefined>(
      (newest, { updatedAt }) => (newest !== undefined && newest > updatedAt ? newest : updatedAt),
      undefined,
    );
    return { ...taken, published: fresh.length, newestAt };
  }

  async function toChanges(version: IncidentVersion, row: StoredEntity | undefined, isBaseline: boolean) {
    const { incidentId, updatedAt } = version;
    const wasPublished = row?.isPublished === true;
    const entity: TableEntity = {
      partitionKey: tenantId,
      rowKey: ledgerKey(incidentId),
      version: formatTicks(updatedAt),
      isPublished: wasPublished || !isBaseline,
    };
    const note: TableChange =
      row === undefined ? { kind: 'insert', entity } : { kind: 'replace', entity, etag: row.etag };
    const event = toEvent(tenantId, version, wasPublished ? 'incident.updated' : 'incident.created');
    return {
      event,
      changes: isBaseline ? [note] : [note, { kind: 'upsert' as const, entity: await toEventRow(event) }],
    };
  }

  /** Only when it is in other hands is it none of ours any more. */
  async function publish(group: readonly TenantEvent[]): Promise<void> {
    await publishEvents(group);
    const gone = group.map(
      (event): TableChange => ({ kind: 'delete', partitionKey: tenantId, rowKey: eventKey(event) }),
    );
    if (!(await table.transact(gone))) for (const event of group) await table.delete(tenantId, eventKey(event));
    for (const event of group) if (large.delete(eventKey(event))) await blobs.delete(blobOf(eventKey(event)));
  }

  async function toEventRow(event: TenantEvent): Promise<TableEntity> {
    const keys = { partitionKey: tenantId, rowKey: eventKey(event) };
    const members = packMembers(JSON.stringify(event));
    if (members !== undefined) return { ...keys, ...members };
    await blobs.write(blobOf(keys.rowKey), JSON.stringify(event));
    large.add(keys.rowKey);
    return { ...keys, isLarge: true };
  }

  const blobOf = (key: string) => `${tenantId}/${key.replaceAll('|', '/')}`;

  async function readEvent(row: StoredEntity): Promise<TenantEvent> {
    if (row.isLarge === true) large.add(row.rowKey);
    const text = row.isLarge === true ? await readBlobText(blobs, blobOf(row.rowKey)) : unpackMembers(row);
    return JSON.parse(text ?? '');
  }

  return {
    take,
    async republishPending() {
      for (;;) {
        const rows = await table.list(tenantId, { ...events, top: maxTogether });
        if (rows.length === 0) return;
        await publish(await Promise.all(rows.map(readEvent)));
      }
    },
  };
}

const eventKey = ({ incidentId = 0, version }: Pick<TenantEvent, 'incidentId' | 'version'>): string =>
  `event|${String(incidentId).padStart(16, '0')}|${version}`;

function toEvent(
  tenantId: string,
  { incidentId, updatedAt, incident }: IncidentVersion,
  type: TenantEvent['type'],
): TenantEvent {
  const version = formatTicks(updatedAt);
  return {
    type,
    tenantId,
    timestamp: String(incident.lastUpdateTime),
    subject: `incident/${incidentId}`,
    version,
    severity: typeof incident.severity === 'string' ? incident.severity : undefined,
    status: typeof incident.status === 'string' ? incident.status : undefined,
    incidentId,
    data: JSON.stringify(incident),
  };
}

/** The same incident may be in an answer twice. */
function newestOfEach(versions: readonly IncidentVersion[]): IncidentVersion[] {
  const newest = new Map<number, IncidentVersion>();
  for (const version of versions) {
    const other = newest.get(version.incidentId);
    if (other === undefined || other.updatedAt < version.updatedAt) newest.set(version.incidentId, version);
  }
  return [...newest.values()].sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : 1));
}

/** Ids of neighbours in time are neighbours, so that all are read at once; few that are far apart are read one by one. */
async function readKnown(
  table: Table,
  tenantId: string,
  versions: readonly IncidentVersion[],
): Promise<Map<string, StoredEntity>> {
  const ids = [...new Set(versions.map(({ incidentId }) => incidentId))];
  const least = Math.min(...ids);
  const greatest = Math.max(...ids);
  const isDense = greatest - least < Math.max(200, 5 * ids.length);
  const rows =
    ids.length > 1 && isDense
      ? await table.list(tenantId, { from: ledgerKey(least), before: ledgerKey(greatest + 1) })
      : await pMap(ids, (id) => table.get(tenantId, ledgerKey(id)), { concurrency: readConcurrency });
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.rowKey, row]])));
}

function toGroups<T extends { changes: readonly TableChange[] }>(noted: readonly T[]): T[][] {
  const groups: T[][] = [];
  let bytes = 0;
  for (const each of noted) {
    const size = JSON.stringify(each.changes).length;
    if (groups.length === 0 || (groups.at(-1)?.length ?? 0) >= maxTogether || bytes + size > maxBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(each);
    bytes += size;
  }
  return groups;
}
