import * as z from 'zod/mini';
import { defineEnum, incidentStatuses, severities } from '../../shared/defender/enum-aliases.ts';
import { listOf, oneOf } from '../../shared/inbound/input.ts';
import { tenantIds } from '../../shared/inbound/tenant-ids.ts';
import { parsedString, withDescription } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';
import { findCallbackMistake } from '../../shared/webhooks/callback-url.ts';
import { eventTypes } from '../../shared/webhooks/event.ts';

/** Subscription ID in a path. */
export const subscriptionId = parsedString(readGuid, 'must be a subscription ID, a GUID').register(z.globalRegistry, {
  type: 'string',
  format: 'uuid',
  description: 'Subscription ID',
});

const maxCallbackUrl = 2048;

const callbackUrl = z.string().check(z.maxLength(maxCallbackUrl, { abort: true }), (payload) => {
  const message = findCallbackMistake(payload.value);
  if (message !== undefined) payload.issues.push({ code: 'custom', message, input: payload.value });
});

const someOf = <T extends z.ZodMiniType>(item: T) =>
  z.optional(listOf(item).check(z.minLength(1, 'must have at least 1 item')));

/** Request body of `subscribe`. */
export const subscriptionRequest = z.strictObject({
  callbackUrl: callbackUrl.register(z.globalRegistry, {
    description:
      'HTTPS URL that receives the deliveries, at most 2048 characters. The setting CALLBACK_HOSTS must allow its host.',
    'x-ms-notification-url': true,
    'x-ms-visibility': 'internal',
  }),
  events: withDescription(
    someOf(oneOf(defineEnum(eventTypes))),
    'Event types. Default: incident.created and incident.updated.',
  ),
  minimumSeverity: withDescription(z.optional(oneOf(severities)), 'Minimum severity of incidents. Default: any.'),
  status: withDescription(someOf(oneOf(incidentStatuses)), 'Status of incidents. Default: any.'),
  tenantIds,
});
