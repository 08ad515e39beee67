import type { IssuedToken } from './app-token.ts';
import { Refusal } from './entra-refusal.ts';
import { requireScope } from './entra-scope.ts';
import { portalClientId, signIn } from './sign-in.ts';
import type { SandboxState } from './state.ts';
import { userPassword } from './user.ts';
import type { Tenant } from './world.ts';

export const passwordGrant = 'password';

/**
 * Signs a user in to our application at the portal, without a browser: the way to a user's token for a shell. A form with
 * `claims` meets the demand of Conditional Access.
 * @throws {Refusal}
 */
export async function signInWithPassword(
  form: URLSearchParams,
  clientId: string,
  tenant: Tenant,
  state: SandboxState,
): Promise<IssuedToken> {
  const scope = requireOurScope(form, state.world.application.clientId);
  if (clientId === '') throw new Refusal(900144, 'client_id');
  if (clientId !== portalClientId) throw new Refusal(700016);
  const name = requireMember(form, 'username').toLowerCase();
  const user = tenant.users.find(({ userPrincipalName }) => userPrincipalName.toLowerCase() === name);
  if (!user) throw new Refusal(50034, name);
  if (requireMember(form, 'password') !== userPassword) throw new Refusal(50126);
  const { tokenLifetimeSeconds } = state.behavior;
  const claims = form.get('claims') ?? undefined;
  const token = await signIn(state, user, { expiresInSeconds: tokenLifetimeSeconds, ...(claims && { claims }) });
  return { token, scope, expiresOn: Math.floor(state.now() / 1000) + tokenLifetimeSeconds };
}

/** The scope granted for our application. */
function requireOurScope(form: URLSearchParams, applicationId: string): string {
  const { asked, uri, name } = requireScope(form);
  if (uri !== applicationId && uri !== `api://${applicationId}`) throw new Refusal(500011, uri);
  if (name !== '.default' && name !== 'user_impersonation') throw new Refusal(70011, asked);
  return `${uri}/user_impersonation`;
}

function requireMember(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw new Refusal(900144, name);
  return value;
}
