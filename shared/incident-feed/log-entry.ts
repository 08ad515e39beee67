import * as z from 'zod/mini';
import type { IncidentVersion } from '../defender/incident-window.ts';
import { formatTicks, toEpochMs } from '../defender/ticks.ts';
import { formatInstant } from '../instants.ts';
import type { TableChange, TableEntity } from '../storage/tables.ts';
import type { IncidentEvent, Publication } from '../webhooks/event.ts';
import type { IncidentBodies } from './incident-bodies.ts';
import { addPublication, type IncidentRecord, publicationsText, toIncidentRow } from './incident-record.ts';

/** The latest version of an incident, at its position in the log of a tenant. */
export interface LoggedVersion {
  sequence: number;
  incidentId: number;
  /** Time of the last update: ISO 8601 in UTC with seven fraction digits. */
  version: string;
  severity?: string | undefined;
  status?: string | undefined;
  /** Earlier published versions of the incident. */
  earlier: readonly Publication[];
  /** Whether the incident predates the first listener: it is not published. */
  isBaseline: boolean;
  /** Epoch milliseconds. */
  recordedAt: number;
}

const prefix = 'log|';
const digits = 15;

const logKey = (sequence: number): string => `${prefix}${String(sequence).padStart(digits, '0')}`;

/** The rows behind a sequence number. */
export const logRange = (after: number) => ({ from: logKey(after + 1), before: 'log}' });

const rowSchema = z.object({
  rowKey: z.string().check(z.regex(/^log\|\d{15}$/)),
  incidentId: z.string().check(z.regex(/^\d{1,16}$/)),
  version: z.string(),
  severity: z.optional(z.string()),
  status: z.optional(z.string()),
  earlier: publicationsText,
  isBaseline: z.boolean(),
  recordedAt: z.iso.datetime(),
});

/** Undefined for a row that cannot be read. */
export function parseLogRow(row: TableEntity): LoggedVersion | undefined {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return undefined;
  const { rowKey, incidentId, recordedAt, ...others } = data;
  return {
    ...others,
    sequence: readSequence(rowKey),
    incidentId: Number(incidentId),
    recordedAt: Date.parse(recordedAt),
  };
}

export const readSequence = (rowKey: string): number => Number(rowKey.slice(prefix.length));

/** `body`: the members that hold the incident. */
const toLogRow = (
  tenantId: string,
  { sequence, incidentId, earlier, recordedAt, ...others }: LoggedVersion,
  body: Record<string, string | boolean>,
): TableEntity => ({
  ...others,
  ...body,
  partitionKey: tenantId,
  rowKey: logKey(sequence),
  incidentId: String(incidentId),
  earlier: JSON.stringify(earlier),
  recordedAt: formatInstant(recordedAt),
});

export const toEvent = (tenantId: string, logged: LoggedVersion, data: string): IncidentEvent => ({
  type: 'incident',
  tenantId,
  timestamp: logged.version,
  subject: `incident/${logged.incidentId}`,
  version: logged.version,
  severity: logged.severity,
  status: logged.status,
  incidentId: logged.incidentId,
  sequence: logged.sequence,
  earlier: logged.earlier,
  data,
});

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
  /** Sequence number of the last version in the log. */
  lastSequence: number;
}

/** Prepares the entry of a version at a position of the log, where it replaces the incident's former version. */
export function createLogEntry({ tenantId, bodies, now, isBaseline, lastSequence }: EntryParts) {
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
        // A record behind the log has lost its row.
        ...(record !== undefined && record.sequence <= lastSequence
          ? [removeRow(tenantId, logKey(record.sequence))]
          : []),
      ],
      replacedBlob: record?.isLarge ? { incidentId, version: formatTicks(record.updatedAt) } : undefined,
    };
  };
}

const removeRow = (partitionKey: string, rowKey: string): TableChange => ({ kind: 'delete', partitionKey, rowKey });

/** Undefined for a text that is too long for a value of an enumeration. */
const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= maxTextLength ? value : undefined;
