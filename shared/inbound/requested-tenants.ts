import pMap from 'p-map';
import { type InputError, RequestError } from '../errors.ts';
import { everyTenant } from '../tenant-id.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { RequestContext } from './request-context.ts';

/** Each domain may take a call to Entra. */
const concurrency = 8;

/**
 * The ids of the tenants in a body's `tenantIds`, by default the tenant of the call. `*` is every tenant of the caller, resolved at each
 * use.
 * @throws {RequestError} 403 that lists every tenant that is not served or not granted to the caller.
 */
export async function resolveRequestedTenants(
  tenants: Tenants,
  named: readonly string[] | undefined,
  ownTenantId: string,
  { access, user }: Pick<RequestContext, 'access' | 'user'>,
): Promise<string[]> {
  if (named === undefined) return [ownTenantId];
  // What a user creates with a function key has the key as its owner, which has every tenant.
  const isLimited = user !== undefined && access.roles === undefined;
  if (named.includes(everyTenant) && !isLimited) return [everyTenant];

  const find = async (idOrDomain: string) => {
    const tenantId = (await tenants.findServedTenant(idOrDomain))?.tenantId;
    return tenantId !== undefined && (await access.canActIn(tenantId)) ? tenantId : undefined;
  };
  const distinct = [...new Set(named)].filter((idOrDomain) => idOrDomain !== everyTenant);
  const found = new Map(await pMap(distinct, async (each) => [each, await find(each)] as const, { concurrency }));
  const errors = named.flatMap((idOrDomain, index): InputError[] =>
    found.get(idOrDomain) === undefined ? [{ in: 'body', name: `/tenantIds/${index}`, detail: 'is not allowed' }] : [],
  );
  if (errors.length > 0) throw notAllowed(errors, isLimited);
  return [...new Set(found.values())].filter((id) => id !== undefined);
}

function notAllowed(errors: readonly InputError[], isLimited: boolean): RequestError {
  const detail = isLimited
    ? "A user's call is limited to the tenant of the user's token."
    : `${errors.length} of the tenants are not served.`;
  const nextStep = isLimited
    ? 'Omit tenantIds, or call without a user token.'
    : 'Onboard each tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.';
  return new RequestError(403, 'TenantNotAllowed', detail, { errors, nextStep });
}
