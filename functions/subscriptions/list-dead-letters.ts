import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { subscriptionId } from './subscription-input.ts';
import { deadLetter, toDeadLetterReply } from './subscription-reply.ts';
import { requireVisible } from './visible-subscription.ts';

/** Dead letters of a subscription, kept for 30 days. */
export const listDeadLetters = endpoint({
  route: 'GET subscriptions/{subscriptionId}/dead-letters',
  summary: 'List dead letters',
  role: 'Subscription.ReadWrite',
  hasTenant: false,
  path: z.object({ subscriptionId }),
  query: z.object({ top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.') }),
  reply: pageOf(deadLetter),
  async handle({ path, query, cursor, services, access }) {
    await requireVisible(services, access, path.subscriptionId);
    const { subscriptionAdmin } = await services.openAutomation();
    const { items, next } = await subscriptionAdmin.listDeadLetters(path.subscriptionId, cursor?.key, query.top);
    return { items: items.map(toDeadLetterReply), next: next === undefined ? undefined : { skip: 0, key: next } };
  },
});
