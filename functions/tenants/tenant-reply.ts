import * as z from 'zod/mini';
import { formatInstant } from '../../shared/instants.ts';
import { withDescription } from '../../shared/schema.ts';
import { type Tenant, tenantStates } from '../../shared/tenants/tenants.ts';

export const tenant = z.object({
  tenantId: z.string(),
  state: z.enum(tenantStates),
  lastSuccessAt: z.optional(z.iso.datetime()),
  lastError: z.optional(
    z.object({ code: withDescription(z.string(), 'AADSTS code if there is one'), at: z.iso.datetime() }),
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
