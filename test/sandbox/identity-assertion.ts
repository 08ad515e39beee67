import type { IssuedToken } from './app-token.ts';
import type { SandboxState } from './state.ts';
import { findTenant, type ManagedIdentity, type Tenant } from './world.ts';

/** Who issues the tokens of version 2 in a tenant. */
export function issuerOf({ authority, id }: Pick<Tenant, 'authority' | 'id'>): string {
  return `https://${authority}/${id}/v2.0`;
}

/** The token of an identity that an application which trusts it shows to Entra as its own credential. */
export async function issueIdentityAssertion(
  state: SandboxState,
  { clientId, tenantId }: ManagedIdentity,
  audience: string,
  lifetimeSeconds: number,
): Promise<IssuedToken> {
  const tenant = findTenant(state.world, tenantId);
  if (!tenant) throw new Error(`There is no tenant ${tenantId} in the sandbox`);
  const objectId = tenant.servicePrincipals.get(clientId)?.objectId ?? clientId;
  const token = await state.tokens.issue(
    {
      aud: audience,
      iss: issuerOf(tenant),
      sub: objectId,
      oid: objectId,
      tid: tenantId,
      azp: clientId,
      idtyp: 'app',
      ver: '2.0',
    },
    lifetimeSeconds,
  );
  return { token, expiresOn: Math.floor(state.now() / 1000) + lifetimeSeconds };
}
