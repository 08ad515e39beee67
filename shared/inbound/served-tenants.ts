import * as z from 'zod/mini';
import { type InputError, RequestError } from '../errors.ts';
import { parsedString, withDescription } from '../schema.ts';
import { everyTenant, readTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';

export const tenantIds = withDescription(
  z.optional(
    z
      .array(
        parsedString(
          (text) => (text === everyTenant ? everyTenant : readTenant(text)),
          'must be a tenant id (GUID), a domain name, or * for all tenants',
        ),
      )
      .check(z.minLength(1, 'must name at least one')),
  ),
  'Tenants by id or verified domain, or * for all served tenants. Default: the tenant of the call.',
);

/**
 * The ids of the tenants in a body's `tenantIds`, by default the caller's own.
 * @throws {RequestError} 403 that lists every tenant that is not served.
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
    else errors.push({ in: 'body', name: `/tenantIds/${index}`, detail: 'is not served' });
  }
  if (errors.length > 0) {
    throw new RequestError(403, 'TenantNotAllowed', 'Some of the tenants are not served.', {
      errors,
      nextStep: 'Onboard each tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.',
    });
  }
  return [...new Set(ids)];
}
