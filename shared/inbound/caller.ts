import { RequestError } from '../errors.ts';
import type { TenantDirectory } from '../tokens/tenant-directory.ts';
import type { Principal } from '../tokens/token-provider.ts';

/** Who asks, and in which tenant. */
export interface Caller {
  principal: Principal;
  isHomeTenant: boolean;
}

/**
 * The application in the tenant that the caller named, or at home.
 * @throws {RequestError} 403 when that tenant is not one that we serve; no token has been asked for then.
 */
export async function resolveCaller(tenants: TenantDirectory, tenantIdOrDomain: string | undefined): Promise<Caller> {
  const tenantId =
    tenantIdOrDomain === undefined ? tenants.homeTenantId : await tenants.findServedTenant(tenantIdOrDomain);
  if (tenantId === undefined) {
    throw new RequestError(403, 'TenantNotAllowed', `The tenant ${tenantIdOrDomain} is not served by this app.`, {
      nextStep: 'Add the tenant to the setting DEFENDER_TENANTS.',
    });
  }
  return { principal: { kind: 'application', tenantId }, isHomeTenant: tenantId === tenants.homeTenantId };
}
