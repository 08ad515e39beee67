import * as z from 'zod/mini';
import { withDescription } from '../../shared/schema.ts';

/** Media types of Event Grid: its own schema, a CloudEvent, or a batch of CloudEvents. */
export const eventTypes = ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'];

const envelope = {
  id: withDescription(z.string(), 'Event ID'),
  subject: withDescription(z.optional(z.string()), 'Name of the secret or certificate'),
  data: withDescription(z.optional(z.unknown()), 'Data of the event'),
};
const event = z.union([
  z.looseObject({ ...envelope, eventType: withDescription(z.string(), 'Event type') }),
  z.looseObject({
    ...envelope,
    type: withDescription(z.string(), 'Event type'),
    specversion: withDescription(z.string(), 'Version of CloudEvents'),
  }),
]);

/** A delivery of Event Grid: events of any type in its own schema, or CloudEvents 1.0. */
export const events = z.union([z.array(event), event], 'must be events in the Event Grid schema, or CloudEvents 1.0');

/** An event of either schema. */
export interface GridEvent {
  type: string;
  subject: string | undefined;
  data: Record<string, unknown>;
}

/** The events of one delivery. Names and texts in `data` are trimmed: published samples have stray blanks. */
export function toGridEvents(delivered: z.output<typeof events>): GridEvent[] {
  return [delivered].flat().map((each) => ({
    type: 'eventType' in each ? String(each.eventType) : String(each.type),
    subject: each.subject,
    data: trimmed(each.data),
  }));
}

function trimmed(data: unknown): Record<string, unknown> {
  const members = z.record(z.string(), z.unknown()).safeParse(data).data ?? {};
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name.trim(), typeof value === 'string' ? value.trim() : value]),
  );
}

const validation = z.object({ validationCode: z.string() });

/** The validation code to return, if the delivery is the handshake of Event Grid's own schema. */
export function readValidationCode(delivered: readonly GridEvent[]): string | undefined {
  const request = delivered.find(({ type }) => type === 'Microsoft.EventGrid.SubscriptionValidationEvent');
  return validation.safeParse(request?.data).data?.validationCode;
}

/**
 * The response to the handshake of CloudEvents: an authorized sender may deliver at any rate.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
export function permitDelivery(headers: Pick<Headers, 'get'>): Record<string, string> {
  const origin = headers.get('webhook-request-origin');
  const permission = { 'webhook-allowed-origin': origin ?? '', 'webhook-allowed-rate': '*' };
  return { allow: 'POST, OPTIONS', ...(origin && permission) };
}
