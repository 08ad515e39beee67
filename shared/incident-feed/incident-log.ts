import pMap from 'p-map';
import type { Clock } from '../clock.ts';
import type { IncidentVersion } from '../defender/incident-window.ts';
import type { Log } from '../log.ts';
import type { Lease } from '../storage/lease.ts';
import { isStorageFailure } from '../storage/storage-error.ts';
import type { StoredEntity, Table } from '../storage/tables.ts';
import { groupByTransaction } from '../storage/transaction-groups.ts';
import type { IncidentEvent, PublishEvents } from '../webhooks/event.ts';
import type { FeedState } from './feed-state.ts';
import type { IncidentBodies } from './incident-bodies.ts';
import { newestOfEach, readRecords } from './incident-record.ts';
import { createLogEntry, type LogEntry, logRange, parseLogRow, readSequence, toEvent } from './log-entry.ts';

/** How many versions were new, and how many were recorded before (`suppressed`). */
interface Recorded {
  published: number;
  baseline: number;
  suppressed: number;
}

/** The log of a tenant, as the owner of the feed's lease writes it. */
export interface IncidentLog {
  readonly publishedSequence: number;
  /**
   * Records the versions that are new and publishes them unless they are `isBaseline`. A crash leaves a version either unseen, or recorded
   * and still to be published.
   */
  recordVersions(versions: readonly IncidentVersion[], isBaseline: boolean): Promise<Recorded>;
  /** Publishes the versions that a crashed run has only recorded. */
  republishPending(): Promise<void>;
}

interface LogParts {
  tenantId: string;
  table: Table;
  bodies: IncidentBodies;
  clock: Clock;
  lease: Lease<FeedState>;
  publishEvents: PublishEvents;
  log: Log;
}

const blobConcurrency = 4;
const republishedTogether = 30;

export function createIncidentLog(parts: LogParts): IncidentLog {
  const { tenantId, table, bodies, clock, lease, publishEvents, log } = parts;
  let { publishedSequence } = lease.state;

  async function publish(events: readonly IncidentEvent[], last: number): Promise<void> {
    if (events.length > 0) await publishEvents(events);
    publishedSequence = last;
  }

  async function commit(group: readonly LogEntry[], last: number): Promise<void> {
    await lease.commit(
      group.flatMap(({ changes }) => changes),
      (state) => ({ ...state, lastSequence: last, publishedSequence }),
    );
  }

  async function readEvent(row: StoredEntity): Promise<IncidentEvent[]> {
    const logged = parseLogRow(row);
    if (logged?.isBaseline) return [];
    const text = logged && (await bodies.read(logged, row));
    if (logged !== undefined && text !== undefined) return [toEvent(tenantId, logged, text)];
    log.warn(`Tenant ${tenantId}: skipped the unreadable log row ${row.rowKey}.`);
    return [];
  }

  /** The clean-up removes a blob that is left behind. */
  async function removeReplaced(group: readonly LogEntry[]): Promise<void> {
    try {
      for (const { replacedBlob } of group) if (replacedBlob !== undefined) await bodies.removeBlob(replacedBlob);
    } catch (error) {
      if (!isStorageFailure(error)) throw error;
    }
  }

  return {
    get publishedSequence() {
      return publishedSequence;
    },
    async recordVersions(versions, isBaseline) {
      const records = await readRecords(table, tenantId, versions);
      const fresh = newestOfEach(versions).filter(
        ({ incidentId, updatedAt }) => updatedAt > (records.get(incidentId)?.updatedAt ?? -1n),
      );
      const { lastSequence } = lease.state;
      const toEntry = createLogEntry({ tenantId, bodies, now: clock.now(), isBaseline, lastSequence });
      const entries = await pMap(
        fresh,
        (version, index) => toEntry(version, records.get(version.incidentId), lastSequence + 1 + index),
        { concurrency: blobConcurrency },
      );
      for (const group of groupByTransaction(entries, 1)) {
        const last = group.at(-1)?.event.sequence ?? lastSequence;
        await commit(group, last);
        await publish(isBaseline ? [] : group.map(({ event }) => event), last);
        await removeReplaced(group);
      }
      return {
        published: isBaseline ? 0 : fresh.length,
        baseline: isBaseline ? fresh.length : 0,
        suppressed: versions.length - fresh.length,
      };
    },
    async republishPending() {
      while (publishedSequence < lease.state.lastSequence) {
        const rows = await table.list(tenantId, { ...logRange(publishedSequence), top: republishedTogether });
        const events = await pMap(rows, readEvent, { concurrency: blobConcurrency });
        const last = rows.at(-1);
        await publish(events.flat(), last === undefined ? lease.state.lastSequence : readSequence(last.rowKey));
      }
    },
  };
}
