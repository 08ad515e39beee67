import { RequestError } from '../errors.ts';
import type { Tenants } from '../tenants/tenants.ts';

/**
 * A hunt may wait in the queue while its tenant is offboarded.
 * @throws {RequestError} 403 if the tenant is no longer served, or not yet.
 */
export async function requireServedTenant(tenants: Pick<Tenants, 'findServedTenant'>, tenantId: string): Promise<void> {
  const tenant = await tenants.findServedTenant(tenantId);
  if (tenant === undefined)
    throw new RequestError(403, 'TenantNotAllowed', `Tenant ${tenantId} is no longer served.`, {
      nextStep: 'Onboard the tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.',
    });
  if (tenant.isPending)
    throw new RequestError(403, 'ConsentRequired', `Tenant ${tenantId} has not consented yet.`, {
      nextStep: 'Have an administrator of the tenant open the consent link that onboardTenant returns.',
    });
}
