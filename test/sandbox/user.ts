import { randomUUID } from 'node:crypto';
import type { Incident } from './incident.ts';
import { type ResourceName, resourceNames } from './resources.ts';

/** Someone of a tenant who signs in. */
export interface User {
  readonly objectId: string;
  readonly tenantId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  /** The APIs in which the user has a role of the Defender portal: a delegated permission allows nothing without it. */
  readonly portalRights: Set<ResourceName>;
  /** Defender does not show the others to the user. */
  seesIncident: (incident: Incident) => boolean;
  /** What Conditional Access asks for before the user's token is exchanged. */
  interaction: RequiredInteraction | undefined;
}

export interface RequiredInteraction {
  /** Second factor wanted (50076), or none registered yet (50079). */
  readonly code: 50076 | 50079;
  /** JSON; a sign-in that sends it along meets the demand. */
  readonly claims: string;
  readonly suberror?: string;
}

/** The password of every user. It opens nothing but a sandbox. */
export const userPassword = 'sandbox-password';

/** User principal names of the analysts of a tenant. */
export const analystsOf = (domain: string) => [`soc1@${domain}`, `soc2@${domain}`, `night.shift@${domain}`] as const;

/** A user who may do and see everything. */
export function createUser(tenantId: string, userPrincipalName: string): User {
  return {
    objectId: randomUUID(),
    tenantId,
    userPrincipalName,
    displayName: userPrincipalName.replace(/@.*/, ''),
    portalRights: new Set(resourceNames),
    seesIncident: () => true,
    interaction: undefined,
  };
}
