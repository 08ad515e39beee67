import * as z from 'zod/mini';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';
import { type Tenant, tenantStates } from '../../shared/tenants/tenants.ts';

export const tenant = z.object({
  tenantId: withDescription(z.string(), 'Tenant ID'),
  state: withDescription(z.enum(tenantStates), 'pending: invited, not served yet. revoked: consent was withdrawn.'),
  lastSuccessAt: withDescription(z.optional(z.iso.datetime()), 'Last successful call in the tenant'),
  lastError: withDescription(
    z.optional(
      z.object({
        code: withDescription(z.string(), 'AADSTS code if there is one'),
        at: withDescription(z.iso.datetime(), 'Time of the failure'),
      }),
    ),
    'Last failed call in the tenant',
  ),
});

export function toTenantReply({ tenantId, state, lastSuccessAt, lastError }: Tenant): z.output<typeof tenant> {
  return {
    tenantId,
    state,
    ...(lastSuccessAt !== undefined && { lastSuccessAt: formatInstant(lastSuccessAt) }),
    ...(lastError !== undefined && { lastError: { code: lastError.code, at: formatInstant(lastError.at) } }),
  };
}
