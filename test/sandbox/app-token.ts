import type { ResourceName } from './resources.ts';
import type { SandboxState } from './state.ts';
import { findTenant } from './world.ts';

export interface IssuedToken {
  readonly token: string;
  /** Epoch seconds. */
  readonly expiresOn: number;
  /** What a user's token allows, as the reply of the token endpoint says it. */
  readonly scope?: string;
}

/** A token of an application for itself: its `roles` are what was granted in that tenant, absent when nothing was. */
export async function issueAppToken(
  state: SandboxState,
  tenantId: string,
  clientId: string,
  resource: ResourceName,
  audience: string,
  lifetimeSeconds: number,
): Promise<IssuedToken> {
  const principal = findTenant(state.world, tenantId)?.servicePrincipals.get(clientId);
  const roles = [...(principal?.roles.get(resource) ?? [])];
  const token = await state.tokens.issue(
    {
      aud: audience,
      iss: `https://sts.windows.net/${tenantId}/`,
      tid: tenantId,
      appid: clientId,
      oid: principal?.objectId ?? clientId,
      idtyp: 'app',
      ver: '1.0',
      ...(roles.length > 0 && { roles }),
    },
    lifetimeSeconds,
  );
  return { token, expiresOn: Math.floor(state.now() / 1000) + lifetimeSeconds };
}
