import type { Api, Cloud } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { readRefusalKind } from '../tokens/aadsts-kind.ts';
import type { Principal } from '../tokens/principal.ts';
import { readPermissions } from '../tokens/token-claims.ts';
import { createConsentUrl } from './consent-url.ts';
import type { Grantee, Permission } from './permissions.ts';

interface AuthorizationContext {
  principal: Principal;
  isHomeTenant: boolean;
  cloud: Cloud;
  clientId: string;
  grantee: Grantee;
}

/** Explains an API's 403 by the permissions in the rejected token. */
export function toForbiddenError(
  error: UpstreamError,
  token: string,
  permission: Permission,
  context: AuthorizationContext,
): RequestError {
  const granted = readPermissions(token);
  const needed = permission[context.principal.kind];
  if (needed.some((name) => granted.includes(name))) {
    return new RequestError(403, 'AccessDenied', error.message, { upstream: error.upstream, cause: error });
  }
  if (granted.length === 0 && !context.isHomeTenant) {
    return toConsentRequired(error, 'The customer tenant has granted no permission to the application.', context);
  }
  return toMissingPermission(error, granted, permission, context);
}

/**
 * Explains an Entra error that says a tenant has not consented, or has withdrawn consent. In the home tenant the cause is
 * the app's own registration. Other errors are returned unchanged.
 */
export function toConsentError(error: unknown, permission: Permission, context: AuthorizationContext): unknown {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'entra') return error;
  if (readRefusalKind(error.upstream.code) !== 'noConsent') return error;
  if (!context.isHomeTenant) return toConsentRequired(error, error.message, context);
  return error.upstream.code === 'AADSTS65001' ? toMissingPermission(error, [], permission, context) : error;
}

function toMissingPermission(
  error: UpstreamError,
  granted: string[],
  permission: Permission,
  context: AuthorizationContext,
) {
  const { kind } = context.principal;
  const [narrowest = ''] = permission[kind];
  const present = granted.length === 0 ? 'no permissions' : granted.join(', ');
  const type = kind === 'user' ? 'delegated' : 'application';
  const detail = `This operation requires the ${type} permission ${permission[kind].join(' or ')}; the token has ${present}.`;
  return new RequestError(403, 'MissingPermission', detail, {
    upstream: error.upstream,
    nextStep: describeGrant(context.grantee, type, narrowest, permission.api),
    cause: error,
  });
}

function toConsentRequired(
  error: UpstreamError,
  detail: string,
  { cloud, principal, clientId }: AuthorizationContext,
): RequestError {
  return new RequestError(403, 'ConsentRequired', detail, {
    upstream: error.upstream,
    nextStep: `Ask an administrator of the tenant to grant consent at ${createConsentUrl(cloud, principal.tenantId, clientId)}`,
    cause: error,
  });
}

const apiNames: Record<Api, string> = {
  defenderXdr: 'Microsoft Threat Protection',
  defenderForEndpoint: 'WindowsDefenderATP',
  graph: 'Microsoft Graph',
};

/** How an administrator grants a permission of an API. */
export function describeGrant(grantee: Grantee, type: 'application' | 'delegated', name: string, api: Api): string {
  return grantee === 'application'
    ? `Add the ${type} permission ${name} of "${apiNames[api]}" to the app registration and grant admin consent. The next call uses it.`
    : `Assign the app role ${name} of "${apiNames[api]}" to the managed identity. Azure caches its tokens: the role may need up to 24 hours to take effect.`;
}
