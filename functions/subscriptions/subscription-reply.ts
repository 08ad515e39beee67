import * as z from 'zod/mini';
import { severities } from '../../shared/defender/enum-aliases.ts';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';
import type { Delivery, DeliveryFailure } from '../../shared/webhooks/delivery.ts';
import { eventTypes } from '../../shared/webhooks/event.ts';
import type { SubscriptionStatus } from '../../shared/webhooks/subscription-admin.ts';

const failure = z.object({
  at: withDescription(z.iso.datetime(), 'Time of the attempt'),
  status: withDescription(z.optional(z.int()), 'HTTP status of the receiver. Absent without a response.'),
  detail: withDescription(z.string(), 'Reason for the failure'),
});

/** A subscription in replies. */
export const subscription = z
  .object({
    id: withDescription(z.guid(), 'Subscription ID'),
    callbackUrl: withDescription(z.string(), 'URL that receives the deliveries'),
    events: withDescription(z.array(z.enum(eventTypes)), 'Event types'),
    minimumSeverity: withDescription(
      z.optional(z.enum(severities.canonical)),
      'Minimum severity of incidents. Absent: any.',
    ),
    status: withDescription(z.optional(z.array(z.string())), 'Status of incidents. Absent: any.'),
    tenantIds: withDescription(z.array(z.string()), 'Tenant IDs, or * for all tenants'),
    createdAt: withDescription(z.iso.datetime(), 'Creation time'),
    createdBy: withDescription(z.string(), 'Object ID of the caller that created it, or key for a function key'),
    delivered: withDescription(z.int(), 'Number of deliveries that succeeded'),
    waiting: withDescription(z.int(), 'Number of deliveries that have not succeeded yet'),
    deadLettered: withDescription(z.int(), 'Number of dead letters, kept for 30 days'),
    lastDeliveryAt: withDescription(z.optional(z.iso.datetime()), 'Last successful delivery'),
    lastFailure: withDescription(z.optional(failure), 'Last failed attempt'),
  })
  .register(z.globalRegistry, { id: 'Subscription' });

export const deadLetter = z.object({
  webhookId: withDescription(z.string(), 'webhook-id of the delivery'),
  type: withDescription(z.enum(eventTypes), 'Event type'),
  tenantId: withDescription(z.string(), 'Tenant of the event'),
  incidentId: withDescription(z.optional(z.int()), 'Incident ID. Absent for hunt.results.'),
  attempts: withDescription(z.int(), 'Number of attempts'),
  lastFailure: withDescription(z.optional(failure), 'Last failed attempt'),
  deadLetteredAt: withDescription(z.iso.datetime(), 'Time of the last attempt'),
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
