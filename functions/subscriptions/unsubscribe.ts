import * as z from 'zod/mini';
import { canSee } from '../../shared/inbound/access.ts';
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
  reply: noContent('The subscription is removed, or there was none'),
  async handle({ path, services, access }) {
    const { subscriptions, subscriptionAdmin } = await services.openAutomation();
    const found = await subscriptions.get(path.subscriptionId);
    // One that the caller may not see does not exist for it.
    if (found !== undefined && canSee(access, found.createdBy)) await subscriptionAdmin.remove(path.subscriptionId);
  },
});
