import { RequestError } from '../errors.ts';
import type { Tenants } from '../tenants/tenants.ts';

interface TenantCheckParts {
  tenants: Pick<Tenants, 'findServedTenant'>;
  /** Whether the owner of a hunt may act in a tenant now. */
  canOwnerActIn(ownerId: string, tenantId: string): Promise<boolean>;
}

/** @throws {RequestError} 403 if the tenant is not served, or the owner of a hunt may not act in it. */
export type RequireTenant = (tenantId: string, ownerId: string) => Promise<void>;

/** A hunt may wait in the queue while its tenant is offboarded or the grant of its owner is revoked. */
export function createTenantCheck({ tenants, canOwnerActIn }: TenantCheckParts): RequireTenant {
  return async (tenantId, ownerId) => {
    const tenant = await tenants.findServedTenant(tenantId);
    if (tenant === undefined || !(await canOwnerActIn(ownerId, tenantId)))
      throw new RequestError(403, 'TenantNotAllowed', `Tenant ${tenantId} is not served.`, {
        nextStep: 'Onboard the tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.',
      });
    if (tenant.isPending)
      throw new RequestError(403, 'ConsentRequired', `Tenant ${tenantId} has not consented yet.`, {
        nextStep: 'Have an administrator of the tenant open the consent link that onboardTenant returns.',
      });
  };
}
