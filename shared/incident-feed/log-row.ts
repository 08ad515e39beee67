import * as z from 'zod/mini';
import { formatInstant } from '../instants.ts';
import type { TableEntity } from '../storage/tables.ts';
import type { IncidentEvent, Publication } from '../webhooks/event.ts';
import { publicationsText } from './publications.ts';

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

export const logKey = (sequence: number): string => `${prefix}${String(sequence).padStart(digits, '0')}`;

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
export const toLogRow = (
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
