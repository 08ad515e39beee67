import { createHash } from 'node:crypto';
import type { Config } from '../config.ts';
import { createConsentUrl } from '../defender/consent-url.ts';
import { RequestError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { VerifiedToken } from '../tokens/access-token-validator.ts';
import { invalidToken } from '../tokens/invalid-token.ts';
import type { Principal, UserPrincipal } from '../tokens/principal.ts';
import type { Access } from './access.ts';

/** The principal of a call. */
export interface Caller {
  principal: Principal;
  isHomeTenant: boolean;
}

/**
 * The validated access token of a request, from the Authorization header or from App Service Authentication; undefined without one.
 * @throws {RequestError} 401 for anything else than an access token for this app, 403 or 400 for a user whose tenant is not served.
 * @throws {UpstreamError} of `entra` if its signing keys cannot be fetched.
 */
export async function readAccessToken(
  headers: { get(name: string): string | null },
  services: Services,
): Promise<VerifiedToken | undefined> {
  const { config, accessTokens, tenants } = services;
  const token =
    readBearer(headers.get('authorization'), config.clientId) ??
    (config.hasPlatformAuthentication ? headers.get('x-ms-token-aad-access-token') : undefined) ??
    undefined;
  if (token === undefined) return undefined;
  return await accessTokens.validate(token, async (tenantId) => {
    if (config.credential.kind === 'managedIdentity') throw contextNotSupported('on behalf of a user');
    if ((await tenants.findServedTenant(tenantId)) === undefined) throw tenantNotAllowed(tenantId);
  });
}

/** A caller that sends credentials must not be treated as the application. */
function readBearer(authorization: string | null, clientId: string): string | undefined {
  if (authorization === null) return undefined;
  const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw invalidToken('the Authorization header has no bearer token', clientId);
  return token;
}

/** The user of a validated token; undefined for an application's token. */
export function toUser({ kind, tenantId, objectId, expiresAt, token }: VerifiedToken): UserPrincipal | undefined {
  if (kind !== 'user') return undefined;
  const assertionHash = createHash('sha256').update(token).digest('base64url');
  return { kind, tenantId, objectId, assertion: token, assertionHash, expiresAt };
}

/**
 * The user in the tenant of the user's token, otherwise the application in the named or the home tenant.
 * @throws {RequestError} 403 for a tenant that is not served or not granted to the caller, 400 for a context that the credential does not support. No token has been
 * requested then.
 */
export async function resolveCaller(
  { config, tenants }: Services,
  user: UserPrincipal | undefined,
  access: Access,
  tenantIdOrDomain: string | undefined,
): Promise<Caller> {
  const { homeTenantId } = tenants;
  const wanted = tenantIdOrDomain ?? user?.tenantId ?? homeTenantId;
  const served =
    wanted === homeTenantId ? { tenantId: wanted, isPending: false } : await tenants.findServedTenant(wanted);
  if (config.credential.kind === 'managedIdentity' && (user !== undefined || served?.tenantId !== homeTenantId)) {
    throw contextNotSupported(user === undefined ? 'in another tenant' : 'on behalf of a user');
  }
  if (served === undefined) throw tenantNotAllowed(wanted);
  const { tenantId, isPending } = served;
  if (user !== undefined && user.tenantId !== tenantId) {
    throw new RequestError(403, 'TenantNotAllowed', `The user's token is for another tenant than ${wanted}.`);
  }
  // Defender decides what a user may do in the user's own tenant.
  if (user === undefined && !(await access.canActIn(tenantId))) throw tenantNotAllowed(wanted);
  if (isPending) throw notYetConsented(tenantId, config);
  return { principal: user ?? { kind: 'application', tenantId }, isHomeTenant: tenantId === homeTenantId };
}

const tenantNotAllowed = (tenant: string): RequestError =>
  new RequestError(403, 'TenantNotAllowed', `The tenant ${tenant} is not served.`, {
    nextStep: 'Onboard the tenant with onboardTenant, or add it to the setting DEFENDER_TENANTS.',
  });

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
