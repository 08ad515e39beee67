import * as z from 'zod/mini';
import { formatTicks, parseTicks, type Ticks } from '../defender/ticks.ts';
import { parsedString } from '../schema.ts';
import type { TableEntity } from '../storage/tables.ts';
import type { Publication } from '../webhooks/event.ts';
import { publicationsText } from './publications.ts';

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

const rowSchema = z.object({
  version: parsedString<Ticks>(parseTicks, 'must be an instant'),
  sequence: z.string().check(z.regex(/^\d{1,15}$/)),
  published: publicationsText,
  isLarge: z.boolean(),
});

/** Undefined for a row that cannot be read. */
export function parseIncidentRow(row: TableEntity): IncidentRecord | undefined {
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
