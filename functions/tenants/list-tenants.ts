import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { pageSize } from '../../shared/inbound/input.ts';
import { pageOf, paginate } from '../../shared/inbound/page-reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { tenant, toTenantReply } from './tenant-reply.ts';

/** The tenants that the app serves, the home tenant first, and how calls in them have been going. */
export const listTenants = endpoint({
  route: 'GET tenants',
  summary: 'List tenants',
  role: 'Tenant.Read',
  hasTenant: false,
  query: z.object({ top: withDescription(pageSize, 'How many tenants to answer on a page') }),
  reply: pageOf(tenant),
  async handle({ query, cursor, services }) {
    const { items, next } = paginate(await services.tenants.listTenants(), query.top, cursor);
    return { items: items.map(toTenantReply), next };
  },
});
