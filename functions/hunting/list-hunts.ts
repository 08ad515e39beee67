import * as z from 'zod/mini';
import { canSee } from '../../shared/inbound/access.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { hunt, toHuntReply } from './hunt-reply.ts';

/** The saved hunts of the caller, oldest first, each with its last run in each tenant. */
export const listHunts = endpoint({
  route: 'GET hunts',
  summary: 'List saved hunts',
  role: 'Hunt.ReadWrite',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.') }),
  reply: pageOf(hunt),
  async handle({ query: { top }, cursor, services, access }) {
    const { savedHunts, listHuntRuns } = await services.openAutomation();
    const { hunts, nextId } = await savedHunts.listPage(top, cursor?.key, (createdBy) => canSee(access, createdBy));
    const runs = await listHuntRuns(hunts.map(({ id }) => id));
    const items = hunts.map((each, index) => toHuntReply(each, runs[index] ?? []));
    return { items, next: nextId === undefined ? undefined : { skip: 0, key: nextId } };
  },
});
