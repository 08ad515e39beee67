import * as z from 'zod/mini';
import { endpoint } from '../shared/inbound/endpoint.ts';
import { pageSize } from '../shared/inbound/input.ts';
import { pageOf } from '../shared/inbound/page-reply.ts';
import { subscription, toSubscriptionReply } from '../shared/inbound/subscription-reply.ts';
import { described } from '../shared/schema.ts';

/** All subscriptions, the oldest first, and how deliveries have been going. */
export const listSubscriptions = endpoint({
  route: 'GET subscriptions',
  summary: 'List subscriptions',
  hasTenant: false,
  query: z.object({ top: described(pageSize, 'How many subscriptions to answer on a page') }),
  reply: pageOf(subscription),
  async handle({ query: { top }, cursor: { skip } = { skip: 0 }, services }) {
    const { desk } = await services.openAutomation();
    const { found, hasMore } = await desk.list(skip, top);
    return { text: JSON.stringify(found.map(toSubscriptionReply)), next: hasMore ? { skip: skip + top } : undefined };
  },
});
