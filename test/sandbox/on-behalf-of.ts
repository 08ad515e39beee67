import { decodeProtectedHeader } from 'jose';
import type { IssuedToken } from './app-token.ts';
import { Refusal } from './entra-refusal.ts';
import type { ResourceName } from './resources.ts';
import type { SandboxState } from './state.ts';
import type { TokenClaims } from './token-issuer.ts';
import type { User } from './user.ts';
import type { Tenant } from './world.ts';

export const onBehalfOfGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface Asked {
  readonly clientId: string;
  readonly tenant: Tenant;
  readonly resource: ResourceName;
  /** The scope that names the resource. */
  readonly uri: string;
}

/**
 * Exchanges the token that a user got for an application (the assertion) for one of the user for a resource: with every
 * delegated permission that the tenant has consented to, since `.default` asks for all of them.
 * @throws {Refusal}
 */
export async function exchangeAssertion(
  form: URLSearchParams,
  { clientId, tenant, resource, uri }: Asked,
  state: SandboxState,
): Promise<IssuedToken> {
  if (form.get('requested_token_use') !== 'on_behalf_of') throw new Refusal(900144, 'requested_token_use');
  const assertion = form.get('assertion');
  if (!assertion) throw new Refusal(900144, 'assertion');
  const claims = await requireAssertion(assertion, clientId, state);
  const user = requireUser(claims, tenant);
  const scopes = [...(tenant.servicePrincipals.get(clientId)?.scopes.get(resource) ?? [])];
  if (scopes.length === 0) throw new Refusal(65001);
  requireInteractionDone(claims, user);
  const { tokenLifetimeSeconds } = state.behavior;
  const token = await state.tokens.issue(
    {
      aud: uri,
      iss: `https://sts.windows.net/${tenant.id}/`,
      tid: tenant.id,
      appid: clientId,
      oid: user.objectId,
      upn: user.userPrincipalName,
      name: user.displayName,
      scp: scopes.join(' '),
      idtyp: 'user',
      ver: '1.0',
    },
    tokenLifetimeSeconds,
  );
  const scope = [...scopes, '.default'].map((name) => `${uri}/${name}`).join(' ');
  return { token, scope, expiresOn: Math.floor(state.now() / 1000) + tokenLifetimeSeconds };
}

async function requireAssertion(assertion: string, clientId: string, state: SandboxState): Promise<TokenClaims> {
  const claims = await state.tokens.read(assertion);
  if (!claims) throw new Refusal(isJwt(assertion) ? 50013 : 50027);
  if (claims.exp * 1000 <= state.now()) throw new Refusal(500133);
  if (claims.aud !== clientId && claims.aud !== `api://${clientId}`) throw new Refusal(500131, claims.aud);
  return claims;
}

function isJwt(text: string): boolean {
  try {
    return text.split('.').length === 3 && decodeProtectedHeader(text).alg !== undefined;
  } catch {
    return false;
  }
}

function requireUser(claims: TokenClaims, tenant: Tenant): User {
  if (claims.scp === undefined) throw new Refusal(7000114);
  const user = tenant.users.find(({ objectId }) => objectId === claims.oid);
  if (!user) throw new Refusal(50020, claims.upn ?? claims.preferred_username);
  return user;
}

function requireInteractionDone(claims: TokenClaims, { interaction }: User): void {
  if (!interaction || claims.amr?.includes('mfa')) return;
  throw new Refusal(interaction.code, undefined, interaction);
}
