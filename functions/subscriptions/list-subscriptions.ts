import * as z from 'zod/mini';
import { canSee } from '../../shared/inbound/access.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { subscription, toSubscriptionReply } from './subscription-reply.ts';

/** The subscriptions of the caller, oldest first, with the counters and the last result of their deliveries. */
export const listSubscriptions = endpoint({
  route: 'GET subscriptions',
  summary: 'List subscriptions',
  role: 'Subscription.ReadWrite',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.') }),
  reply: pageOf(subscription),
  async handle({ query: { top }, cursor, services, access }) {
    const { subscriptionAdmin } = await services.openAutomation();
    const { items, next } = await subscriptionAdmin.list(cursor?.key, top, ({ createdBy }) =>
      canSee(access, createdBy),
    );
    return { items: items.map(toSubscriptionReply), next: next === undefined ? undefined : { skip: 0, key: next } };
  },
});
