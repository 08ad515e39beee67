import { commandOwner, customerOwner } from '../callers/owner-access.ts';
import { RequestError } from '../errors.ts';
import { includesRole, type Role } from '../roles.ts';
import type { Services } from '../services.ts';
import { type Access, keyAccess } from './access.ts';
import type { RequestContext } from './request-context.ts';

/**
 * The access of the caller of a request.
 * @throws {RequestError} 401 `TokenRequired` without an access token, unless a function key is enough.
 */
export function createAccess(
  services: Services,
  { channel, token }: Pick<RequestContext, 'channel' | 'token'>,
): Access {
  const { config, canOwnerActIn } = services;
  const accessOf = (ownerId: string, roles?: readonly string[]): Access => ({
    ownerId,
    roles,
    canActIn: (tenantId) => canOwnerActIn(ownerId, tenantId),
  });
  if (channel === 'signedCommand') return accessOf(commandOwner);
  if (config.callerAuthentication === 'key') {
    if (token?.kind !== 'user') return keyAccess;
    return { ...keyAccess, canActIn: async (tenantId) => tenantId === token.tenantId };
  }
  if (token === undefined) throw tokenRequired(services);
  const { objectId, tenantId, roles } = token;
  return accessOf(tenantId === config.homeTenantId ? objectId : customerOwner(tenantId, objectId), roles);
}

/** The role that the caller's token needs; undefined if a key, a signature or Defender itself decides. */
export function findRequiredRole({ endpoint, access, user, input }: RequestContext): Role | undefined {
  const { role, requiresRoleOfUsers } = endpoint;
  if (role === undefined || access.roles === undefined) return undefined;
  // Defender's own authorization limits what a user sees and does.
  if (user !== undefined && !requiresRoleOfUsers) return undefined;
  return typeof role === 'string' ? role : role.choose(input);
}

/** @throws {RequestError} 403 `MissingRole` if the caller's token lacks the role that the operation requires. */
export function requireRole(context: RequestContext): void {
  const { access, user, app } = context;
  const required = findRequiredRole(context);
  if (required === undefined) return;
  if (isHonored(required, user, app.openServices()) && includesRole(access.roles ?? [], required)) return;
  throw missingRole(required, access);
}

/** Roles that reach beyond one tenant count only if the home tenant assigned them. */
const appWideRoles = /^(Tenant|Caller|Health)\./;

const isHonored = (role: Role, user: RequestContext['user'], { config }: Services): boolean =>
  !appWideRoles.test(role) || user === undefined || user.tenantId === config.homeTenantId;

function missingRole(required: Role, { ownerId, roles = [] }: Access): RequestError {
  const own = roles.length === 0 ? 'no roles' : `the roles ${roles.join(', ')}`;
  return new RequestError(403, 'MissingRole', `The operation requires the role ${required}; the caller has ${own}.`, {
    nextStep: `Assign ${required} to the caller: az rest --method POST --url https://graph.microsoft.com/v1.0/servicePrincipals/<service principal of this app>/appRoleAssignedTo --body '{"principalId":"${ownerId}","resourceId":"<service principal of this app>","appRoleId":"<id of ${required} in npm run roles>"}'. The platform caches the token of a managed identity for up to a day.`,
  });
}

function tokenRequired({ config }: Services): RequestError {
  const { cloud, homeTenantId, clientId } = config;
  const authorizationUri = `${cloud.authority}/${homeTenantId}/oauth2/v2.0/authorize`;
  return new RequestError(401, 'TokenRequired', 'The call has no access token for this app.', {
    headers: { 'www-authenticate': `Bearer authorization_uri="${authorizationUri}", resource_id="${clientId}"` },
    nextStep: `Get an access token for the scope api://${clientId}/.default and send it as Authorization: Bearer.`,
  });
}
