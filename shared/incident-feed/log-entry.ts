import type { IncidentVersion } from '../defender/incident-window.ts';
import { formatTicks, toEpochMs } from '../defender/ticks.ts';
import type { TableChange } from '../storage/tables.ts';
import type { IncidentEvent } from '../webhooks/event.ts';
import type { IncidentBodies } from './incident-bodies.ts';
import { type IncidentRecord, toIncidentRow } from './incident-row.ts';
import { type LoggedVersion, logKey, toEvent, toLogRow } from './log-row.ts';
import { addPublication } from './publications.ts';

const maxTextLength = 64;

/** A new version, with the changes that record it. */
export interface LogEntry {
  event: IncidentEvent;
  changes: readonly TableChange[];
  /** The version that it replaces, where the body of that one is a blob. */
  replacedBlob: { incidentId: number; version: string } | undefined;
}

interface EntryParts {
  tenantId: string;
  bodies: IncidentBodies;
  now: number;
  isBaseline: boolean;
}

/** Prepares the entry of a version at a position of the log, where it replaces the incident's former version. */
export function createLogEntry({ tenantId, bodies, now, isBaseline }: EntryParts) {
  return async (version: IncidentVersion, record: IncidentRecord | undefined, sequence: number): Promise<LogEntry> => {
    const { incidentId, updatedAt, incident } = version;
    const earlier = record?.published ?? [];
    const logged: LoggedVersion = {
      sequence,
      incidentId,
      version: formatTicks(updatedAt),
      severity: readText(incident.severity),
      status: readText(incident.status),
      earlier,
      isBaseline,
      recordedAt: now,
    };
    const text = JSON.stringify(incident);
    const body = await bodies.store(logged, text);
    const published = isBaseline
      ? earlier
      : addPublication(earlier, logged, { sequence, updatedAt: toEpochMs(updatedAt) });
    const isLarge = body.isLarge === true;
    const entity = toIncidentRow(tenantId, incidentId, { updatedAt, sequence, published, isLarge });
    return {
      event: toEvent(tenantId, logged, text),
      changes: [
        { kind: 'upsert', entity },
        { kind: 'upsert', entity: toLogRow(tenantId, logged, body) },
        ...(record === undefined ? [] : [removeRow(tenantId, logKey(record.sequence))]),
      ],
      replacedBlob: record?.isLarge ? { incidentId, version: formatTicks(record.updatedAt) } : undefined,
    };
  };
}

const removeRow = (partitionKey: string, rowKey: string): TableChange => ({ kind: 'delete', partitionKey, rowKey });

/** Undefined for a text that is too long for a value of an enumeration. */
const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= maxTextLength ? value : undefined;
