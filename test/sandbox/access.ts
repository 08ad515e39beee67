import { identifierUrisOf, type ResourceName, withoutSlash } from './resources.ts';
import type { SandboxState } from './state.ts';
import type { TokenClaims } from './token-issuer.ts';

/** Whether a request may pass: each service says a refusal in its own envelope. */
export type Access =
  | { readonly granted: true; readonly claims: TokenClaims }
  | { readonly granted: false; readonly reason: 'noToken' | 'badToken' | 'expired' | 'wrongAudience' }
  | { readonly granted: false; readonly reason: 'missingRole'; readonly roles: readonly string[] };

/** Checks a bearer token as an API does: signature, expiry, audience, then one of `anyRole` (when there is any). */
export async function checkAccess(
  state: SandboxState,
  authorization: string | undefined,
  resource: ResourceName,
  anyRole: readonly string[] = [],
): Promise<Access> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return { granted: false, reason: 'noToken' };
  const claims = await state.tokens.read(token);
  if (!claims) return { granted: false, reason: 'badToken' };
  if (claims.exp * 1000 <= state.now()) return { granted: false, reason: 'expired' };
  if (!identifierUrisOf(resource, state.world.nationalCloud).includes(withoutSlash(claims.aud))) {
    return { granted: false, reason: 'wrongAudience' };
  }
  const roles = claims.roles ?? [];
  if (anyRole.length > 0 && !anyRole.some((role) => roles.includes(role))) {
    return { granted: false, reason: 'missingRole', roles };
  }
  return { granted: true, claims };
}
