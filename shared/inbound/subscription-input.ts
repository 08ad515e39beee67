import * as z from 'zod/mini';
import { findCallbackMistake } from '../automation/callback-url.ts';
import { eventTypes } from '../automation/event.ts';
import { everyTenant } from '../automation/subscription.ts';
import { incidentStatuses, severities } from '../defender/spellings.ts';
import { described, textAs } from '../schema.ts';
import { readGuid, readTenant } from '../tenant-id.ts';
import { oneOf } from './input.ts';

/** The id of a subscription, in a path. */
export const subscriptionId = textAs(readGuid, 'must be the id of a subscription: a GUID').register(z.globalRegistry, {
  type: 'string',
  format: 'uuid',
});

/** The tenants that something is for, in a body. */
export const tenantIds = described(
  z.optional(
    z
      .array(
        textAs(
          (text) => (text === everyTenant ? everyTenant : readTenant(text)),
          'must be a tenant id (GUID), a domain name, or * for every tenant',
        ),
      )
      .check(z.minLength(1, 'must name at least one')),
  ),
  'Tenants by id or verified domain, or * for every one that is served; the tenant of this call without it',
);

const callbackUrl = z.string().check((payload) => {
  const message = findCallbackMistake(payload.value);
  if (message !== undefined) payload.issues.push({ code: 'custom', message, input: payload.value });
});

const someOf = <T extends z.ZodMiniType>(item: T) =>
  z.optional(z.array(item).check(z.minLength(1, 'must name at least one')));

/** What a subscriber asks for. */
export const subscriptionRequest = z.strictObject({
  callbackUrl: described(
    callbackUrl,
    'Where to deliver: https, at a host that the setting CALLBACK_HOSTS allows',
  ).register(z.globalRegistry, { 'x-ms-notification-url': true, 'x-ms-visibility': 'internal' }),
  events: described(someOf(z.enum(eventTypes)), 'What to tell of; incident.created and incident.updated without it'),
  minimumSeverity: described(z.optional(oneOf(severities)), 'Incidents at least this severe'),
  status: described(someOf(oneOf(incidentStatuses)), 'Incidents in one of these states'),
  tenantIds,
});
