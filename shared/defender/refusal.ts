import type { Cloud } from '../clouds.ts';
import { RequestError, UpstreamError } from '../errors.ts';
import { readRefusalKind } from '../tokens/aadsts.ts';
import { readPermissions } from '../tokens/token-claims.ts';
import type { Principal } from '../tokens/token-provider.ts';
import { createConsentUrl } from './consent-url.ts';
import type { Permission } from './permissions.ts';

interface RefusalContext {
  principal: Principal;
  isHomeTenant: boolean;
  cloud: Cloud;
  clientId: string;
}

const apiNames = {
  defenderXdr: 'Microsoft Threat Protection',
  defenderForEndpoint: 'WindowsDefenderATP',
  graph: 'Microsoft Graph',
};

/** Why an API answered 403, told by what the token carries. */
export function toRefusal(
  error: UpstreamError,
  token: string,
  permission: Permission,
  context: RefusalContext,
): RequestError {
  const granted = readPermissions(token);
  const options = { upstream: error.upstream, cause: error };

  if (granted.length === 0 && !context.isHomeTenant) return consentRequired(error, noPermission, context);
  if (permission.application.some((name) => granted.includes(name))) {
    return new RequestError(403, 'AccessDenied', error.message, options);
  }

  const needed = permission.application.join(' or ');
  const present = granted.length === 0 ? 'no permission' : granted.join(', ');
  return new RequestError(403, 'MissingPermission', `The application needs ${needed}; its token has ${present}.`, {
    ...options,
    nextStep: `Add the application permission ${permission.application[0]} of "${apiNames[permission.api]}" to the application and grant admin consent; the next call sees it.`,
  });
}

const noPermission = 'The customer tenant has granted the application no permission at all.';

/** A customer tenant that has not consented, or no longer does, is for that customer to mend; at home it is our own trouble. */
export function toConsentRequired(error: unknown, context: RefusalContext): unknown {
  if (context.isHomeTenant || !(error instanceof UpstreamError) || error.upstream.service !== 'entra') return error;
  return readRefusalKind(error.upstream.code) === 'noConsent' ? consentRequired(error, error.message, context) : error;
}

function consentRequired(
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
