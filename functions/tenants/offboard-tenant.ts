import * as z from 'zod/mini';
import { RequestError } from '../../shared/errors.ts';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { tenantIdOrDomain } from '../../shared/inbound/input.ts';
import { noContent } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';

/** Removes a tenant and drops its cached tokens. Its administrator withdraws consent. */
export const offboardTenant = endpoint({
  route: 'DELETE tenants/{tenantId}',
  summary: 'Offboard a tenant',
  role: 'Tenant.ReadWrite',
  hasTenant: false,
  path: z.object({
    tenantId: withDescription(tenantIdOrDomain, 'Tenant ID or verified domain'),
  }),
  reply: noContent('The tenant is offboarded'),
  async handle({ path: { tenantId }, services }) {
    if ((await services.onboarding.remove(tenantId)) === 'removed') return;
    throw new RequestError(409, 'TenantFixed', `The tenant ${tenantId} is fixed by the settings.`, {
      nextStep: 'Remove the tenant from the setting DEFENDER_TENANTS. The home tenant cannot be offboarded.',
    });
  },
});
