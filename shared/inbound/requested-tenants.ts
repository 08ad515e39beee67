import pMap from 'p-map';
import { type InputError, RequestError } from '../errors.ts';
import { everyTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { Principal } from '../tokens/principal.ts';

/** Each domain may take a call to Entra. */
const concurrency = 8;

/**
 * The ids of the tenants in a body's `tenantIds`, by default the caller's own. A user can name no other tenant.
 * @throws {RequestError} 403 that lists every tenant that is not allowed.
 */
export async function resolveRequestedTenants(
  tenants: Tenants,
  named: readonly string[] | undefined,
  principal: Principal,
): Promise<string[]> {
  if (named === undefined) return [principal.tenantId];
  const isUser = principal.kind === 'user';
  if (named.includes(everyTenant) && !isUser) return [everyTenant];

  const find = async (idOrDomain: string) => (await tenants.findServedTenant(idOrDomain))?.tenantId;
  const distinct = [...new Set(named)].filter((idOrDomain) => idOrDomain !== everyTenant);
  const found = new Map(await pMap(distinct, async (each) => [each, await find(each)] as const, { concurrency }));
  const isAllowed = (id: string | undefined) => id !== undefined && (!isUser || id === principal.tenantId);
  const errors = named.flatMap((idOrDomain, index): InputError[] =>
    isAllowed(found.get(idOrDomain)) ? [] : [{ in: 'body', name: `/tenantIds/${index}`, detail: 'is not allowed' }],
  );
  if (errors.length > 0) throw notAllowed(errors, isUser);
  return [...new Set(found.values())].filter((id) => id !== undefined);
}

function notAllowed(errors: readonly InputError[], isUser: boolean): RequestError {
  const detail = isUser
    ? "A user's call is limited to the tenant of the user's token."
    : `${errors.length} of the tenants are not served.`;
  const nextStep = isUser
    ? 'Omit tenantIds, or call without a user token.'
    : 'Onboard each tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.';
  return new RequestError(403, 'TenantNotAllowed', detail, { errors, nextStep });
}
