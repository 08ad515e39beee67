import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { subscriptionId } from './subscription-input.ts';

/** Removes a subscription and its deliveries. */
export const unsubscribe = endpoint({
  route: 'DELETE subscriptions/{subscriptionId}',
  summary: 'Unsubscribe',
  role: 'Subscription.ReadWrite',
  hasTenant: false,
  internal: true,
  path: z.object({ subscriptionId }),
  reply: noContent('The subscription does not exist any more'),
  async handle({ path, services }) {
    const { subscriptionAdmin } = await services.openAutomation();
    await subscriptionAdmin.remove(path.subscriptionId);
  },
});
