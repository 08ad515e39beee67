import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { jsonAnswer } from '../../shared/inbound/reply.ts';
import { subscriptionId } from './subscription-input.ts';
import { subscription, toSubscriptionReply } from './subscription-reply.ts';
import { requireVisible } from './visible-subscription.ts';

/** Schedules the dead letters of a subscription for delivery, each with its `webhook-id`. */
export const resendDeadLetters = endpoint({
  route: 'POST subscriptions/{subscriptionId}/dead-letters',
  summary: 'Resend dead letters',
  role: 'Subscription.ReadWrite',
  hasTenant: false,
  takesIdempotencyKey: true,
  path: z.object({ subscriptionId }),
  reply: jsonAnswer(subscription, {
    description: 'The subscription. Its dead letters are scheduled for delivery.',
    statuses: [202],
  }),
  async handle({ path, services, access, linkTo }) {
    const value = toSubscriptionReply(await requireVisible(services, access, path.subscriptionId));
    const { subscriptionAdmin } = await services.openAutomation();
    await subscriptionAdmin.resendDeadLetters(path.subscriptionId);
    const headers = { location: linkTo(`/subscriptions/${path.subscriptionId}`), 'retry-after': '10' };
    return { status: 202, headers, value };
  },
});
