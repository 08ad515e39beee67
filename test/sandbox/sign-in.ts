import { issuerOf } from './identity-assertion.ts';
import type { SandboxState } from './state.ts';
import type { User } from './user.ts';
import { findTenant, type Tenant } from './world.ts';

interface TokenOptions {
  /** Default: the application's client id, as a token of version 2 has it; another audience gives one of version 1. */
  readonly audience?: string;
  /** Not positive: the token has expired already. */
  readonly expiresInSeconds?: number;
}

export interface SignInOptions extends TokenOptions {
  /** The claims challenge (JSON) that the user meets with this sign-in. */
  readonly claims?: string;
  /** Application roles of our app that the user was assigned. */
  readonly roles?: readonly string[];
}

export interface AppSignInOptions extends TokenOptions {
  /** Default: the home tenant. */
  readonly tenantId?: string;
  /** Application roles of our app that the caller was assigned. Default: those of the workflow. */
  readonly roles?: readonly string[];
  /** Object id of its service principal. Default: the managed identity of a Logic App. */
  readonly objectId?: string;
}

/** The client with which people sign in to our application: a public one. */
export const portalClientId = '9b1d3f57-2a4c-4e6f-8091-b3d5f7092a4c';
const lifetimeSeconds = 3599;

/** The access token for our application that a client got when the user signed in. */
export async function signIn(
  state: SandboxState,
  user: User,
  { audience, expiresInSeconds = lifetimeSeconds, claims, roles }: SignInOptions = {},
): Promise<string> {
  const common = commonClaims(state, user.tenantId, portalClientId, audience);
  const hasMetDemand = claims !== undefined && claims === user.interaction?.claims;
  const name = user.userPrincipalName;
  return state.tokens.issue(
    {
      ...common,
      oid: user.objectId,
      name: user.displayName,
      ...(common.ver === '2.0' ? { preferred_username: name } : { upn: name }),
      scp: 'user_impersonation',
      ...(roles && { roles }),
      amr: hasMetDemand ? ['pwd', 'mfa'] : ['pwd'],
    },
    expiresInSeconds,
  );
}

/** An access token for our application that another application acquired: app-only. */
export async function signInApp(
  state: SandboxState,
  {
    audience,
    expiresInSeconds = lifetimeSeconds,
    tenantId = state.world.home.id,
    roles = [...state.world.workflow.roles],
    objectId = state.world.workflow.objectId,
  }: AppSignInOptions = {},
): Promise<string> {
  const common = commonClaims(state, tenantId, state.world.workflow.clientId, audience);
  return state.tokens.issue(
    { ...common, oid: objectId, sub: objectId, idtyp: 'app', ...(roles.length > 0 && { roles }) },
    expiresInSeconds,
  );
}

function commonClaims(state: SandboxState, tenantId: string, clientId: string, aud = state.world.application.clientId) {
  const tenant = requireTenant(state, tenantId);
  const { id } = tenant;
  return aud === state.world.application.clientId
    ? ({ aud, iss: issuerOf(tenant), tid: id, azp: clientId, ver: '2.0' } as const)
    : ({ aud, iss: `https://sts.windows.net/${id}/`, tid: id, appid: clientId, ver: '1.0' } as const);
}

function requireTenant(state: SandboxState, tenantId: string): Tenant {
  const tenant = findTenant(state.world, tenantId);
  if (!tenant) throw new Error(`There is no tenant ${tenantId} in the sandbox`);
  return tenant;
}
