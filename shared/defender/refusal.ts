import type { Cloud } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { readRefusalKind } from '../tokens/aadsts-kind.ts';
import type { Principal } from '../tokens/principal.ts';
import { readPermissions } from '../tokens/token-claims.ts';
import { createConsentUrl } from './consent-url.ts';
import { describeGrant, type Grantee } from './permission-grant.ts';
import type { Permission } from './permissions.ts';

interface RefusalContext {
  principal: Principal;
  isHomeTenant: boolean;
  cloud: Cloud;
  clientId: string;
  grantee: Grantee;
}

/** Why an API answered 403, told by what the token carries. */
export function toRefusal(
  error: UpstreamError,
  token: string,
  permission: Permission,
  context: RefusalContext,
): RequestError {
  const granted = readPermissions(token);
  const needed = permission[context.principal.kind];
  if (needed.some((name) => granted.includes(name))) {
    return new RequestError(403, 'AccessDenied', error.message, { upstream: error.upstream, cause: error });
  }
  if (granted.length === 0 && !context.isHomeTenant) {
    return toConsentRequired(error, 'The customer tenant has granted the application no permission at all.', context);
  }
  return toMissingPermission(error, granted, permission, context);
}

/** A tenant that has not consented, or no longer does: a customer's is for the customer to mend, at home it is our own trouble. */
export function toTokenRefusal(error: unknown, permission: Permission, context: RefusalContext): unknown {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'entra') return error;
  if (readRefusalKind(error.upstream.code) !== 'noConsent') return error;
  if (!context.isHomeTenant) return toConsentRequired(error, error.message, context);
  return error.upstream.code === 'AADSTS65001' ? toMissingPermission(error, [], permission, context) : error;
}

function toMissingPermission(error: UpstreamError, granted: string[], permission: Permission, context: RefusalContext) {
  const { kind } = context.principal;
  const [narrowest = ''] = permission[kind];
  const present = granted.length === 0 ? 'no permission' : granted.join(', ');
  const type = kind === 'user' ? 'delegated' : 'application';
  const detail = `This needs the ${type} permission ${permission[kind].join(' or ')}; the token has ${present}.`;
  return new RequestError(403, 'MissingPermission', detail, {
    upstream: error.upstream,
    nextStep: describeGrant(context.grantee, type, narrowest, permission.api),
    cause: error,
  });
}

function toConsentRequired(
  error: UpstreamError,
  detail: string,
  { cloud, principal, clientId }: RefusalContext,
): RequestError {
  return new RequestError(403, 'ConsentRequired', detail, {
    upstream: error.upstream,
    nextStep: `An administrator of the tenant grants consent at ${createConsentUrl(cloud, principal.tenantId, clientId)}`,
    cause: error,
  });
}
