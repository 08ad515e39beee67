import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf, paginate } from '../../shared/inbound/page-reply.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import { withDescription } from '../../shared/schema.ts';
import { subscriptionId } from './subscription-input.ts';
import { deadLetter, toDeadLetterReply } from './subscription-reply.ts';

/** The deliveries to a subscriber that were given up; they are kept for thirty days. */
export const listDeadLetters = endpoint({
  route: 'GET subscriptions/{subscriptionId}/dead-letters',
  summary: 'List dead letters',
  hasTenant: false,
  path: z.object({ subscriptionId }),
  query: z.object({ top: withDescription(pageSize, 'How many dead letters to answer on a page') }),
  reply: pageOf(deadLetter),
  async handle({ path, query, cursor, services }) {
    const { subscriptions, subscriptionAdmin } = await services.openAutomation();
    requireFound(await subscriptions.get(path.subscriptionId), `Subscription ${path.subscriptionId}`);
    const found = await subscriptionAdmin.listDeadLetters(path.subscriptionId);
    const { items, next } = paginate(found, query.top, cursor);
    return { items: items.map(toDeadLetterReply), next };
  },
});
