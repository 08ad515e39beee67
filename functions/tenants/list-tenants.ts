import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf, paginate } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { tenant, toTenantReply } from './tenant-reply.ts';

/** The tenants of the app, the home tenant first, with the outcome of recent calls. */
export const listTenants = endpoint({
  route: 'GET tenants',
  summary: 'List tenants',
  role: 'Tenant.Read',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'Page size, 1 to 1000. Default: 100.') }),
  reply: pageOf(tenant),
  async handle({ query, cursor, services }) {
    const { items, next } = paginate(await services.tenants.listTenants(), query.top, cursor);
    return { items: items.map(toTenantReply), next };
  },
});
