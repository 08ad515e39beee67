import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { formatInstant, formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import type { TableChange, TableEntity } from '../storage/tables.ts';
import { eventTypes, type TenantEvent } from './event.ts';

/*
 * The rows of a subscription, which has a partition of its own:
 *   t|<lane>|<version>  this event was taken; stays for two days, so that it is taken once
 *   d|<lane>|<version>  waits to be delivered
 *   b|<lane>|<version>  what is delivered
 *   q|<instant>|<lane>|<version>  from then on the first of the lane is due
 *   x|<lane>|<version>  was given up
 *   pump                who is delivering, and how it went (pump-lease.ts)
 */
type Kind = 't' | 'd' | 'b' | 'q' | 'x';

/** What a try came to that did not succeed. */
export interface DeliveryFailure {
  /** Epoch milliseconds. */
  at: number;
  /** Absent when there was no answer. */
  status?: number | undefined;
  detail: string;
}

/** An event on its way to a subscriber. */
export interface Delivery {
  subscriptionId: string;
  /** Deliveries of a lane are made one after the other, in the order of `version`. */
  orderingKey: string;
  version: string;
  webhookId: string;
  type: (typeof eventTypes)[number];
  tenantId: string;
  incidentId: number | undefined;
  /** Whether what is delivered is too large for a row, and is a blob. */
  isLarge: boolean;
  attempts: number;
  /** Epoch milliseconds, as all instants here. */
  firstAttemptAt: number | undefined;
  nextAttemptAt: number;
  lastFailure: DeliveryFailure | undefined;
  deadLetteredAt: number | undefined;
}

export const failureSchema = z.object({ at: z.int(), status: z.optional(z.int()), detail: z.string() });

const rowSchema = z.object({
  partitionKey: z.string(),
  orderingKey: z.string(),
  version: z.string(),
  webhookId: z.string(),
  type: z.enum(eventTypes),
  tenantId: z.string(),
  incidentId: z.optional(z.string()),
  isLarge: z.boolean(),
  attempts: z.string(),
  firstAttemptAt: z.optional(z.iso.datetime()),
  nextAttemptAt: z.iso.datetime(),
  lastFailure: z.optional(z.string()),
  deadLetteredAt: z.optional(z.iso.datetime()),
});

/** Events of one subject in one tenant. A row key takes no slash. */
export const orderingKeyOf = ({ tenantId, subject }: Pick<TenantEvent, 'tenantId' | 'subject'>): string =>
  `${tenantId}:${subject.replaceAll('/', ':')}`;

/** The same for every try of the same event, whoever makes it. */
export const webhookIdOf = (subscriptionId: string, orderingKey: string, version: string): string =>
  `msg_${createHash('sha256')
    .update(JSON.stringify([subscriptionId, orderingKey, version]))
    .digest('base64url')
    .slice(0, 32)}`;

export const keyOf = (
  kind: Exclude<Kind, 'q'>,
  { orderingKey, version }: Pick<Delivery, 'orderingKey' | 'version'>,
): string => `${kind}|${orderingKey}|${version}`;

/** All rows of a kind, or those of a lane. */
export const rowsOf = (kind: Kind, orderingKey?: string) => {
  const prefix = orderingKey === undefined ? kind : `${kind}|${orderingKey}`;
  return { from: `${prefix}|`, before: `${prefix}}` };
};

export function toRow(kind: 'd' | 'x', delivery: Delivery): TableEntity {
  const { subscriptionId, incidentId, attempts, lastFailure, ...others } = delivery;
  return {
    ...others,
    partitionKey: subscriptionId,
    rowKey: keyOf(kind, delivery),
    incidentId: incidentId?.toString(),
    attempts: String(attempts),
    firstAttemptAt: formatOptionalInstant(delivery.firstAttemptAt),
    nextAttemptAt: formatInstant(delivery.nextAttemptAt),
    deadLetteredAt: formatOptionalInstant(delivery.deadLetteredAt),
    lastFailure: lastFailure && JSON.stringify(lastFailure),
  };
}

/** Undefined for a row that is none. */
export function parseDelivery(row: TableEntity): Delivery | undefined {
  const { data } = rowSchema.safeParse(row);
  if (data === undefined) return undefined;
  const { partitionKey: subscriptionId, incidentId, lastFailure, ...others } = data;
  return {
    ...others,
    subscriptionId,
    incidentId: incidentId === undefined ? undefined : Number(incidentId),
    attempts: Number(data.attempts),
    firstAttemptAt: parseOptionalInstant(data.firstAttemptAt),
    nextAttemptAt: Date.parse(data.nextAttemptAt),
    deadLetteredAt: parseOptionalInstant(data.deadLetteredAt),
    lastFailure: lastFailure === undefined ? undefined : failureSchema.parse(JSON.parse(lastFailure)),
  };
}

/** Says from when on the first of a lane is due. */
export const dueRow = ({ subscriptionId, nextAttemptAt, orderingKey, version }: Delivery): TableEntity => ({
  partitionKey: subscriptionId,
  rowKey: `q|${formatInstant(nextAttemptAt)}|${orderingKey}|${version}`,
});

/** When which lane is due, by the key of the row that says so. */
export function parseDueKey(rowKey: string): { dueAt: number; orderingKey: string } {
  const [, instant = '', orderingKey = ''] = rowKey.split('|');
  return { dueAt: Date.parse(instant), orderingKey };
}

export const remove = (partitionKey: string, rowKey: string): TableChange => ({ kind: 'delete', partitionKey, rowKey });
