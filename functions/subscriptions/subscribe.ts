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
  'Key of the webhook signatures (Standard Webhooks). Returned only once.',
);

const notification = z.object({
  type: z.enum(eventTypes),
  timestamp: z.iso.datetime(),
  tenantId: z.string(),
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
    description: 'The subscription, with its signing secret',
    statuses: [201],
  }),
  async handle({ body, services, principal, linkTo, request }) {
    const { findCallbackMistake } = await import('../../shared/webhooks/callback-url.ts');
    const { resolveRequestedTenants } = await import('../../shared/inbound/requested-tenants.ts');
    const detail = findCallbackMistake(body.callbackUrl, services.config.callbackHosts);
    if (detail !== undefined) throw invalidRequest([{ in: 'body', name: '/callbackUrl', detail }]);
    const { subscriptions, subscriptionAdmin } = await services.openAutomation();
    const added = await subscriptions.add({
      ...body,
      events: body.events ?? ['incident.created', 'incident.updated'],
      tenantIds: await resolveRequestedTenants(services.tenants, body.tenantIds, principal.tenantId, request),
    });
    const status = requireFound(await subscriptionAdmin.find(added.id), `Subscription ${added.id}`);
    const valueToRepeat = toSubscriptionReply(status);
    return {
      status: 201,
      headers: { location: linkTo(`/subscriptions/${added.id}`) },
      value: { ...valueToRepeat, signingSecret: added.signingSecret },
      valueToRepeat,
    };
  },
});
