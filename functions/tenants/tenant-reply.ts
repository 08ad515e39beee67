import * as z from 'zod/mini';
import { withDescription } from '../../shared/schema.ts';
import { type Tenant, tenantStates } from '../../shared/tenants/tenants.ts';

/** A tenant as callers see it. */
export const tenant = z.object({
  tenantId: z.string(),
  state: z.enum(tenantStates),
  lastSuccessAt: z.optional(z.iso.datetime()),
  lastError: z.optional(
    z.object({ code: withDescription(z.string(), 'The AADSTS code where there is one'), at: z.iso.datetime() }),
  ),
});

export function toTenantReply({ tenantId, state, lastSuccessAt, lastError }: Tenant): z.output<typeof tenant> {
  const instant = (at: number) => new Date(at).toISOString();
  return {
    tenantId,
    state,
    ...(lastSuccessAt !== undefined && { lastSuccessAt: instant(lastSuccessAt) }),
    ...(lastError !== undefined && { lastError: { code: lastError.code, at: instant(lastError.at) } }),
  };
}
