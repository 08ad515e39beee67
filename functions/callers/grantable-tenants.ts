import { type InputError, RequestError } from '../../shared/errors.ts';
import type { Access } from '../../shared/inbound/access.ts';

/**
 * A caller can grant only tenants that it has itself; `*` only if it has every tenant.
 * @throws {RequestError} 403 that lists every other tenant.
 */
export async function requireGrantable(access: Access, tenantIds: readonly string[]): Promise<void> {
  const errors: InputError[] = [];
  for (const [index, tenantId] of tenantIds.entries()) {
    if (await access.canActIn(tenantId)) continue;
    errors.push({ in: 'body', name: `/tenantIds/${index}`, detail: 'is not granted to the caller of this request' });
  }
  if (errors.length === 0) return;
  throw new RequestError(403, 'TenantNotAllowed', 'A caller can grant only tenants that it has itself.', {
    errors,
    nextStep: 'Ask a caller that has these tenants to make the grant.',
  });
}
