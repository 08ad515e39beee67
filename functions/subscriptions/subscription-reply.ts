import * as z from 'zod/mini';
import { severities } from '../../shared/defender/enum-aliases.ts';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';
import type { Delivery, DeliveryFailure } from '../../shared/webhooks/delivery.ts';
import { eventTypes } from '../../shared/webhooks/event.ts';
import type { SubscriptionStatus } from '../../shared/webhooks/subscription-admin.ts';

const failure = z.object({
  at: z.iso.datetime(),
  status: withDescription(z.optional(z.int()), 'HTTP status of the receiver. Absent without a response.'),
  detail: z.string(),
});

/** A subscription in replies. */
export const subscription = z
  .object({
    id: z.guid(),
    callbackUrl: z.string(),
    events: z.array(z.enum(eventTypes)),
    minimumSeverity: z.optional(z.enum(severities.canonical)),
    status: z.optional(z.array(z.string())),
    tenantIds: withDescription(z.array(z.string()), 'Tenant IDs, or * for all tenants'),
    createdAt: z.iso.datetime(),
    createdBy: withDescription(z.string(), 'Object ID of the caller that created it, or key for a function key'),
    delivered: withDescription(z.int(), 'Number of deliveries that succeeded'),
    waiting: withDescription(z.int(), 'Number of deliveries that have not succeeded yet'),
    deadLettered: withDescription(z.int(), 'Number of deliveries that were given up and are kept'),
    lastDeliveryAt: z.optional(z.iso.datetime()),
    lastFailure: z.optional(failure),
  })
  .register(z.globalRegistry, { id: 'Subscription' });

export const deadLetter = z.object({
  webhookId: z.string(),
  type: z.enum(eventTypes),
  tenantId: z.string(),
  incidentId: z.optional(z.int()),
  attempts: z.int(),
  lastFailure: z.optional(failure),
  deadLetteredAt: z.iso.datetime(),
});

export function toSubscriptionReply(status: SubscriptionStatus): z.output<typeof subscription> {
  const { callbackUrl, delivered, waiting, deadLettered, lastDeliveryAt, lastFailure } = status;
  const { id, events, minimumSeverity, status: statuses, tenantIds, createdAt, createdBy } = status.subscription;
  const least = severities.toCanonical(minimumSeverity ?? '');
  return {
    id,
    callbackUrl,
    events,
    ...(least !== undefined && { minimumSeverity: least }),
    ...(statuses !== undefined && { status: statuses }),
    tenantIds,
    createdAt: formatInstant(createdAt),
    createdBy,
    delivered,
    waiting,
    deadLettered,
    ...(lastDeliveryAt !== undefined && { lastDeliveryAt: formatInstant(lastDeliveryAt) }),
    ...(lastFailure !== undefined && { lastFailure: toFailure(lastFailure) }),
  };
}

export function toDeadLetterReply(delivery: Delivery): z.output<typeof deadLetter> {
  const { webhookId, type, tenantId, incidentId, attempts, lastFailure, deadLetteredAt = 0 } = delivery;
  return {
    webhookId,
    type,
    tenantId,
    ...(incidentId !== undefined && { incidentId }),
    attempts,
    ...(lastFailure !== undefined && { lastFailure: toFailure(lastFailure) }),
    deadLetteredAt: formatInstant(deadLetteredAt),
  };
}

function toFailure({ at, status, detail }: DeliveryFailure): z.output<typeof failure> {
  return { at: formatInstant(at), ...(status !== undefined && { status }), detail };
}
