import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { tenantIdOrDomain } from '../../shared/inbound/input.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Stops serving a tenant, and forgets its tokens. Its consent is for its own administrator to withdraw. */
export const offboardTenant = endpoint({
  route: 'DELETE tenants/{tenantId}',
  summary: 'Offboard a tenant',
  role: 'Tenant.ReadWrite',
  hasTenant: false,
  path: z.object({
    tenantId: withDescription(tenantIdOrDomain, 'The id of the tenant, or one of its verified domains'),
  }),
  reply: noContent('The tenant is not served any more'),
  async handle({ path: { tenantId }, services }) {
    if ((await services.onboarding.remove(tenantId)) === 'removed') return;
    throw new RequestError(409, 'TenantFixed', `The settings say that ${tenantId} is served.`, {
      nextStep: 'Take the tenant out of the setting DEFENDER_TENANTS. The home tenant is always served.',
    });
  },
});
