import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { subscriptionId } from './subscription-input.ts';
import { subscription, toSubscriptionReply } from './subscription-reply.ts';
import { requireVisible } from './visible-subscription.ts';

/** A subscription with the counters and the last result of its deliveries. */
export const getSubscription = endpoint({
  route: 'GET subscriptions/{subscriptionId}',
  summary: 'Get a subscription',
  role: 'Subscription.ReadWrite',
  hasTenant: false,
  path: z.object({ subscriptionId }),
  reply: json(subscription, { description: 'The subscription' }),
  async handle({ path, services, access }) {
    return toSubscriptionReply(await requireVisible(services, access, path.subscriptionId));
  },
});
