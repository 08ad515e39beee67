import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { subscriptionId } from './subscription-input.ts';
import { subscription, toSubscriptionReply } from './subscription-reply.ts';

/** A subscription with the counters and the last result of its deliveries. */
export const getSubscription = endpoint({
  route: 'GET subscriptions/{subscriptionId}',
  summary: 'Get a subscription',
  role: 'Subscription.ReadWrite',
  hasTenant: false,
  path: z.object({ subscriptionId }),
  reply: json(subscription),
  async handle({ path, services }) {
    const { subscriptionAdmin } = await services.openAutomation();
    const status = await subscriptionAdmin.find(path.subscriptionId);
    return toSubscriptionReply(requireFound(status, `Subscription ${path.subscriptionId}`));
  },
});
