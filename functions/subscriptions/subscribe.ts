import * as z from 'zod/mini';
import { invalidRequest } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { withDescription } from '../../shared/schema.ts';
import { eventTypes } from '../../shared/webhooks/event.ts';
import { subscriptionRequest } from './subscription-input.ts';
import { subscription, toSubscriptionReply } from './subscription-reply.ts';

const signingSecret = withDescription(
  z.optional(z.string()),
  'Key of the webhook signatures (Standard Webhooks), returned when the subscription is created.',
);

const notification = z.object({
  type: withDescription(z.enum(eventTypes), 'Event type'),
  timestamp: withDescription(z.iso.datetime(), 'Time of the event'),
  tenantId: withDescription(z.string(), 'Tenant of the event'),
  data: withDescription(z.looseObject({}), 'The incident, or the results of the hunt'),
});

/** Delivers incidents and hunting results to a URL as signed webhooks. */
export const subscribe = endpoint({
  route: 'POST subscriptions',
  summary: 'Subscribe',
  role: 'Subscription.ReadWrite',
  requiresRoleOfUsers: true,
  takesIdempotencyKey: true,
  trigger: {
    kind: 'webhook',
    hint: 'Create an incident in Microsoft Defender XDR. It is delivered within two minutes.',
    content: { description: 'The event', schema: notification },
  },
  body: subscriptionRequest,
  auditTarget: ({ body }) => ({ type: 'callbackHost', id: new URL(body.callbackUrl).host }),
  reply: jsonAnswer(z.extend(subscription, { signingSecret }), {
    description: 'The subscription, with its signing secret if it is new',
    statuses: [201, 200],
  }),
  async handle({ body, services, principal, linkTo, request, access }) {
    const { findCallbackMistake } = await import('../../shared/webhooks/callback-url.ts');
    const { resolveRequestedTenants } = await import('../../shared/inbound/requested-tenants.ts');
    const detail = findCallbackMistake(body.callbackUrl, services.config.callbackHosts);
    if (detail !== undefined) throw invalidRequest([{ in: 'body', name: '/callbackUrl', detail }]);
    const { subscriptions, subscriptionAdmin } = await services.openAutomation();
    const { id, signingSecret } = await subscriptions.add(
      {
        ...body,
        events: body.events ?? ['incident.created', 'incident.updated'],
        tenantIds: await resolveRequestedTenants(services.tenants, body.tenantIds, principal.tenantId, request),
      },
      access.ownerId,
    );
    const valueToRepeat = toSubscriptionReply(requireFound(await subscriptionAdmin.find(id), `Subscription ${id}`));
    return {
      status: signingSecret === undefined ? 200 : 201,
      headers: { location: linkTo(`/subscriptions/${id}`) },
      value: { ...valueToRepeat, ...(signingSecret !== undefined && { signingSecret }) },
      valueToRepeat,
    };
  },
});
