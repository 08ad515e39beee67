import type { Config } from '../config.ts';
import { createConsentUrl } from '../defender/consent-url.ts';
import { RequestError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { Principal, UserPrincipal } from '../tokens/principal.ts';
import { parseUserToken, readBearer } from './user-token.ts';

/** The principal of a call. */
export interface Caller {
  principal: Principal;
  isHomeTenant: boolean;
}

/**
 * The signed-in user whose token a request has, in the Authorization header or from App Service Authentication.
 * @throws {RequestError} 401 for a token that cannot be used.
 */
export function readUser(
  headers: { get(name: string): string | null },
  { config, clock }: Services,
): UserPrincipal | undefined {
  const token = readBearer(headers.get('authorization')) ?? headers.get('x-ms-token-aad-access-token') ?? undefined;
  return token === undefined ? undefined : parseUserToken(token, { clientId: config.clientId, now: clock.now() });
}

/**
 * The user in the tenant of the user's token, otherwise the application in the named or the home tenant.
 * @throws {RequestError} 403 for a tenant that is not served, 400 for a context that the credential does not support. No token has been
 * requested then.
 */
export async function resolveCaller(
  { config, tenants }: Services,
  user: UserPrincipal | undefined,
  tenantIdOrDomain: string | undefined,
): Promise<Caller> {
  const { homeTenantId } = tenants;
  const wanted = tenantIdOrDomain ?? user?.tenantId ?? homeTenantId;
  const served =
    wanted === homeTenantId ? { tenantId: wanted, isPending: false } : await tenants.findServedTenant(wanted);
  if (config.credential.kind === 'managedIdentity' && (user !== undefined || served?.tenantId !== homeTenantId)) {
    throw contextNotSupported(user === undefined ? 'in another tenant' : 'on behalf of a user');
  }
  if (served === undefined) {
    throw new RequestError(403, 'TenantNotAllowed', `The tenant ${wanted} is not served.`, {
      nextStep: 'Onboard the tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.',
    });
  }
  const { tenantId, isPending } = served;
  if (user !== undefined && user.tenantId !== tenantId) {
    throw new RequestError(403, 'TenantNotAllowed', `The user's token is for another tenant than ${wanted}.`);
  }
  if (isPending) throw notYetConsented(tenantId, config);
  return { principal: user ?? { kind: 'application', tenantId }, isHomeTenant: tenantId === homeTenantId };
}

function notYetConsented(tenantId: string, { cloud, clientId }: Config): RequestError {
  return new RequestError(403, 'ConsentRequired', 'The tenant has been invited but has not granted consent.', {
    nextStep: `Ask an administrator of the tenant to grant consent with the link from onboardTenant, or at ${createConsentUrl(cloud, tenantId, clientId)}`,
  });
}

function contextNotSupported(context: string): RequestError {
  return new RequestError(
    400,
    'ContextNotSupported',
    `The app cannot act ${context} with DEFENDER_CREDENTIAL=managedIdentity.`,
    {
      nextStep:
        "Set DEFENDER_CREDENTIAL to federated: the managed identity is then the app registration's credential in every context.",
    },
  );
}
