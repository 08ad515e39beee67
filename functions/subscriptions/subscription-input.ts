import * as z from 'zod/mini';
import { incidentStatuses, severities } from '../../shared/defender/enum-aliases.ts';
import { oneOf } from '../../shared/inbound/input.ts';
import { tenantIds } from '../../shared/inbound/served-tenants.ts';
import { parsedString, withDescription } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';
import { findCallbackMistake } from '../../shared/webhooks/callback-url.ts';
import { eventTypes } from '../../shared/webhooks/event.ts';

/** The id of a subscription, in a path. */
export const subscriptionId = parsedString(readGuid, 'must be the id of a subscription: a GUID').register(
  z.globalRegistry,
  {
    type: 'string',
    format: 'uuid',
  },
);

const callbackUrl = z.string().check((payload) => {
  const message = findCallbackMistake(payload.value);
  if (message !== undefined) payload.issues.push({ code: 'custom', message, input: payload.value });
});

const someOf = <T extends z.ZodMiniType>(item: T) =>
  z.optional(z.array(item).check(z.minLength(1, 'must name at least one')));

/** What a subscriber asks for. */
export const subscriptionRequest = z.strictObject({
  callbackUrl: withDescription(
    callbackUrl,
    'Where to deliver: https, at a host that the setting CALLBACK_HOSTS allows',
  ).register(z.globalRegistry, { 'x-ms-notification-url': true, 'x-ms-visibility': 'internal' }),
  events: withDescription(
    someOf(z.enum(eventTypes)),
    'What to tell of; incident.created and incident.updated without it',
  ),
  minimumSeverity: withDescription(z.optional(oneOf(severities)), 'Incidents at least this severe'),
  status: withDescription(someOf(oneOf(incidentStatuses)), 'Incidents in one of these states'),
  tenantIds,
});
