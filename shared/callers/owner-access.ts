import type { CallerAuthentication } from '../settings.ts';
import { everyTenant } from '../tenant-id.ts';
import type { CallerGrants } from './caller-grants.ts';

/**
 * Whether an owner may act in a tenant that the app serves, now: a revoked grant takes effect within a minute on every instance.
 * @throws {UpstreamError} of `storage` if the grants were never read.
 */
export type CanOwnerActIn = (ownerId: string, tenantId: string) => Promise<boolean>;

/** Owner of everything that a function key creates. */
export const keyOwner = 'key';
/** Owner and grant of signed commands. */
export const commandOwner = 'commandWebhook';
/** Owner of everything that a user of a customer tenant creates. It never reaches beyond that tenant, so there is no grant. */
export const customerOwner = (tenantId: string, objectId: string): string => `${tenantId}/${objectId}`;

interface OwnerAccessOptions {
  callerAuthentication: CallerAuthentication;
  homeTenantId: string;
  /** Undefined without storage: then all served tenants are those of the settings, and every caller has them. */
  grants: Pick<CallerGrants, 'tenantsOf'> | undefined;
}

export function createOwnerAccess({ callerAuthentication, homeTenantId, grants }: OwnerAccessOptions): CanOwnerActIn {
  return async (ownerId, tenantId) => {
    if (callerAuthentication === 'key' || ownerId === keyOwner) return true;
    const [customerTenantId, objectId] = ownerId.split('/');
    if (objectId !== undefined) return tenantId === customerTenantId;
    if (grants === undefined) return true;
    const tenantIds = (await grants.tenantsOf(ownerId)) ?? [homeTenantId];
    return tenantIds.includes(everyTenant) || tenantIds.includes(tenantId);
  };
}
