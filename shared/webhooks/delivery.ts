import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { formatInstant, formatOptionalInstant, parseOptionalInstant } from '../instants.ts';
import type { TableChange, TableEntity } from '../storage/tables.ts';
import { type EventBase, eventTypes } from './event.ts';

/*
 * Rows in the partition of a subscription:
 *   t|<orderingKey>|<version>            the event was accepted; kept for two days, so that it is accepted once
 *   d|<orderingKey>|<version>            a delivery that waits
 *   b|<orderingKey>|<version>            its body
 *   q|<instant>|<orderingKey>|<version>  when the first delivery of an ordering key is due
 *   x|<orderingKey>|<version>            a dead letter
 *   s|<tenantId>                         the first sequence number that was offered (subscription-events.ts)
 *   state, state|<tenantId>              lease, state and counters (delivery-state.ts)
 *   wake                                 the message that starts the next run (wake-ups.ts)
 */
type Kind = 't' | 'd' | 'b' | 'q' | 'x';

/** Why an attempt failed. */
export interface DeliveryFailure {
  /** Epoch milliseconds. */
  at: number;
  /** Absent without a response. */
  status?: number | undefined;
  /** Without a response: `timeout` or the error of the connection. */
  code?: string | undefined;
  detail: string;
}

/** An event on its way to a subscriber. Instants are epoch milliseconds. */
export interface Delivery {
  subscriptionId: string;
  /** Deliveries with the same key are made one at a time, in the order of `version`. */
  orderingKey: string;
  version: string;
  webhookId: string;
  type: (typeof eventTypes)[number];
  tenantId: string;
  incidentId: number | undefined;
  /** The blob with the body, if that is too large for a row. */
  blobName?: string | undefined;
  attempts: number;
  firstAttemptAt: number | undefined;
  nextAttemptAt: number;
  lastFailure: DeliveryFailure | undefined;
  deadLetteredAt: number | undefined;
}

const failureSchema = z.object({
  at: z.number(),
  status: z.optional(z.int()),
  code: z.optional(z.string()),
  detail: z.string(),
});

const rowSchema = z.object({
  partitionKey: z.string(),
  orderingKey: z.string(),
  version: z.string(),
  webhookId: z.string(),
  type: z.enum(eventTypes),
  tenantId: z.string(),
  incidentId: z.optional(z.string()),
  blobName: z.optional(z.string()),
  attempts: z.string(),
  firstAttemptAt: z.optional(z.iso.datetime()),
  nextAttemptAt: z.iso.datetime(),
  lastFailure: z.optional(z.string()),
  deadLetteredAt: z.optional(z.iso.datetime()),
});

/** Events of one subject in one tenant. A row key cannot contain a slash. */
export const orderingKeyOf = ({ tenantId, subject }: Pick<EventBase, 'tenantId' | 'subject'>): string =>
  `${tenantId}:${subject.replaceAll('/', ':')}`;

/** The same for each attempt and each publication of an event. */
export const webhookIdOf = (subscriptionId: string, orderingKey: string, version: string): string =>
  `msg_${createHash('sha256')
    .update(JSON.stringify([subscriptionId, orderingKey, version]))
    .digest('base64url')
    .slice(0, 32)}`;

export const keyOf = (
  kind: Exclude<Kind, 'q'>,
  { orderingKey, version }: Pick<Delivery, 'orderingKey' | 'version'>,
): string => `${kind}|${orderingKey}|${version}`;

/** The rows of a kind, or those of one ordering key. */
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

/** Undefined for a row that is not a delivery. */
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
    lastFailure: parseFailure(lastFailure),
  };
}

/** Undefined for a text that is not a failure. */
export function parseFailure(text = ''): DeliveryFailure | undefined {
  try {
    return failureSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Says when the first delivery of an ordering key is due. */
export function dueRow({ subscriptionId, nextAttemptAt, orderingKey, version }: DueDelivery): TableEntity {
  return { partitionKey: subscriptionId, rowKey: `q|${formatInstant(nextAttemptAt)}|${orderingKey}|${version}` };
}

type DueDelivery = Pick<Delivery, 'subscriptionId' | 'nextAttemptAt' | 'orderingKey' | 'version'>;

export function parseDueKey(rowKey: string): { dueAt: number; orderingKey: string } {
  const [, instant = '', orderingKey = ''] = rowKey.split('|');
  return { dueAt: Date.parse(instant), orderingKey };
}

/** The lowest row key behind another one. No key continues with a blank. */
export const after = (rowKey: string): string => `${rowKey} `;

export const remove = (partitionKey: string, rowKey: string): TableChange => ({ kind: 'delete', partitionKey, rowKey });
