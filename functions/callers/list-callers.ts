import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf, paginate } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { caller, toCallerReply } from './caller-reply.ts';

/** Callers with a grant, ordered by object id. A caller without one may act in the home tenant only. */
export const listCallers = endpoint({
  route: 'GET callers',
  summary: 'List callers',
  role: 'Caller.ReadWrite',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.') }),
  reply: pageOf(caller),
  async handle({ query, cursor, services }) {
    const { items, next } = paginate(await services.requireCallerGrants().list(), query.top, cursor);
    return { items: items.map(toCallerReply), next };
  },
});
