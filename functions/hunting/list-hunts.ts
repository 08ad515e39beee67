import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf, paginate } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';

/** The saved hunts, the oldest first, and how they have been going. */
export const listHunts = endpoint({
  route: 'GET hunts',
  summary: 'List hunts',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'How many hunts to answer on a page') }),
  reply: pageOf(hunt),
  async handle({ query, cursor, services }) {
    const { hunts } = await services.openAutomation();
    const { items, next } = paginate(await hunts.list(), query.top, cursor);
    const toReply = async (each: (typeof items)[number]) => toHuntReply(each, await hunts.listRuns(each.id));
    return { items: await Promise.all(items.map(toReply)), next };
  },
});
