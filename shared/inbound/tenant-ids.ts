import * as z from 'zod/mini';
import { parsedString, withDescription } from '../schema.ts';
import { everyTenant, readTenant } from '../tenant-id.ts';
import { listOf } from './input.ts';

const tenant = parsedString(
  (text) => (text === everyTenant ? everyTenant : readTenant(text)),
  'must be a tenant id (GUID), a domain name, or * for all tenants',
);

const tenantList = listOf(tenant, 100).check(z.minLength(1, 'must name at least one tenant'));

/** The tenants of a caller, in a body. */
export const requiredTenantIds = withDescription(
  tenantList,
  'Tenants by ID or verified domain, up to 100, or * for all served tenants',
);

/** The tenants of a subscription or a hunt, in a body. */
export const tenantIds = withDescription(
  z.optional(tenantList),
  'Tenants by ID or verified domain, up to 100, or * for all tenants of the caller. Default: the tenant of the call.',
);
