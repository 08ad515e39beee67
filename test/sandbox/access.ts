import { identifierUrisOf, type ResourceName, withoutSlash } from './resources.ts';
import type { SandboxState } from './state.ts';
import type { TokenClaims } from './token-issuer.ts';
import type { User } from './user.ts';
import { findTenant } from './world.ts';

/** What an operation wants of a token: any one role of an application, or any one scope of a user. */
export interface Permission {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** Who asks: a user, or else an application for itself. */
export interface Principal {
  readonly claims: TokenClaims;
  readonly user: User | undefined;
}

interface Granted {
  readonly granted: true;
  readonly principal: Principal;
}

/** Each service says it in its own envelope. */
export interface Refused {
  readonly granted: false;
  readonly reason:
    | 'noToken'
    | 'badToken'
    | 'expired'
    | 'wrongAudience'
    | 'missingRole'
    | 'missingScope'
    | 'noPortalRights';
  /** The permissions that the token has. */
  readonly present: readonly string[];
}

/** Checks a bearer token as an API does: signature, expiry, audience, permission (if one is needed), the user's rights. */
export async function checkAccess(
  state: SandboxState,
  authorization: string | undefined,
  resource: ResourceName,
  permission?: Permission,
): Promise<Granted | Refused> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return refuse('noToken');
  const claims = await state.tokens.read(token);
  if (!claims) return refuse('badToken');
  if (claims.exp * 1000 <= state.now()) return refuse('expired');
  const audiences = identifierUrisOf(resource, state.world.nationalCloud);
  if (!audiences.includes(withoutSlash(claims.aud))) return refuse('wrongAudience');
  return checkPermission(claims, permission, resource, state);
}

function checkPermission(
  claims: TokenClaims,
  permission: Permission | undefined,
  resource: ResourceName,
  { world }: SandboxState,
): Granted | Refused {
  if (claims.scp === undefined) {
    const roles = claims.roles ?? [];
    const isAllowed = hasAny(roles, permission?.roles);
    return isAllowed ? { granted: true, principal: { claims, user: undefined } } : refuse('missingRole', roles);
  }
  const scopes = claims.scp.split(' ');
  if (!hasAny(scopes, permission?.scopes)) return refuse('missingScope', scopes);
  const user = findTenant(world, claims.tid)?.users.find(({ objectId }) => objectId === claims.oid);
  return user?.portalRights.has(resource)
    ? { granted: true, principal: { claims, user } }
    : refuse('noPortalRights', scopes);
}

function hasAny(present: readonly string[], wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.some((name) => present.includes(name));
}

function refuse(reason: Refused['reason'], present: readonly string[] = []): Refused {
  return { granted: false, reason, present };
}
