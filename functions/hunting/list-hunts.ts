import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';

/** The saved hunts, the oldest first, and how they have been going. */
export const listHunts = endpoint({
  route: 'GET hunts',
  summary: 'List hunts',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'How many hunts to answer on a page') }),
  reply: pageOf(hunt),
  async handle({ query: { top }, cursor: { skip } = { skip: 0 }, services }) {
    const { hunts } = await services.openAutomation();
    const all = await hunts.list();
    const page = all.slice(skip, skip + top);
    const replies = await Promise.all(page.map(async (each) => toHuntReply(each, await hunts.listRuns(each.id))));
    return { text: JSON.stringify(replies), next: skip + top < all.length ? { skip: skip + top } : undefined };
  },
});
