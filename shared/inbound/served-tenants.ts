import * as z from 'zod/mini';
import { type InputError, RequestError } from '../errors.ts';
import { parsedString, withDescription } from '../schema.ts';
import { everyTenant, readTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';

/** The tenants that something is for, in a body. */
export const tenantIds = withDescription(
  z.optional(
    z
      .array(
        parsedString(
          (text) => (text === everyTenant ? everyTenant : readTenant(text)),
          'must be a tenant id (GUID), a domain name, or * for every tenant',
        ),
      )
      .check(z.minLength(1, 'must name at least one')),
  ),
  'Tenants by id or verified domain, or * for every one that is served; the tenant of this call without it',
);

/**
 * The ids of the tenants that a caller names in a body's `tenantIds`, or the caller's own without it.
 * @throws {RequestError} 403 when one of them is not served; every one is named.
 */
export async function readServedTenants(
  tenants: Tenants,
  named: readonly string[] | undefined,
  ownTenantId: string,
): Promise<string[]> {
  if (named === undefined) return [ownTenantId];
  if (named.includes(everyTenant)) return [everyTenant];
  const errors: InputError[] = [];
  const ids: string[] = [];
  for (const [index, idOrDomain] of named.entries()) {
    const served = await tenants.findServedTenant(idOrDomain);
    if (served !== undefined) ids.push(served.tenantId);
    else errors.push({ in: 'body', name: `/tenantIds/${index}`, detail: 'is not served by this app' });
  }
  if (errors.length > 0) {
    throw new RequestError(403, 'TenantNotAllowed', 'Some of the tenants are not served by this app.', {
      errors,
      nextStep: 'Onboard each tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.',
    });
  }
  return [...new Set(ids)];
}
