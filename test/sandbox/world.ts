import { randomUUID, type X509Certificate } from 'node:crypto';
import { hostsOf, type NationalCloud } from './national-cloud.ts';
import { type ResourceName, resourceNames } from './resources.ts';
import { analystsOf, createUser, type User } from './user.ts';

/** The directory and the vaults: everything about who may do what. Plain data; `administrator.ts` changes it. */
export interface World {
  readonly nationalCloud: NationalCloud;
  readonly home: Tenant;
  readonly application: Application;
  readonly vault: Vault;
  readonly tenants: Tenant[];
  readonly applications: Application[];
  /** Those that the function app has. */
  readonly identities: ManagedIdentity[];
  readonly systemAssignedIdentity: ManagedIdentity;
  readonly userAssignedIdentity: ManagedIdentity;
  readonly vaults: Vault[];
  /** The managed identity of a Logic App that calls our application. */
  readonly workflow: Workflow;
}

export interface Workflow {
  readonly clientId: string;
  readonly objectId: string;
  /** Application roles of our application that it was assigned. */
  readonly roles: Set<string>;
}

export interface Tenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
  /** Host of the authority that knows the tenant. */
  readonly authority: string;
  /** Number of incidents at the first read. */
  readonly incidentCount: number;
  /** Service principals by client id; an absent application has no consent. */
  readonly servicePrincipals: Map<string, ServicePrincipal>;
  readonly users: [User, User, User, ...User[]];
  /** How an administrator who is asked for consent declines it; absent: consents. */
  consentRefusal: ConsentRefusal | undefined;
}

export type ConsentRefusal = 'access_denied' | 'permission_denied';

export interface ServicePrincipal {
  readonly objectId: string;
  /** Application permissions. */
  readonly roles: Map<ResourceName, Set<string>>;
  /** Delegated permissions, consented to for every user of the tenant. */
  readonly scopes: Map<ResourceName, Set<string>>;
}

export interface Application {
  readonly clientId: string;
  readonly displayName: string;
  readonly homeTenantId: string;
  readonly multiTenant: boolean;
  disabled: boolean;
  readonly secrets: ApplicationSecret[];
  /** The public parts that were uploaded; several during a rotation. */
  readonly certificates: X509Certificate[];
  readonly federatedCredentials: FederatedCredential[];
}

export interface ApplicationSecret {
  readonly value: string;
  expiresAt: number;
}

/** Whose tokens the application may show as its credential. */
export interface FederatedCredential {
  readonly issuer: string;
  /** The object id of a managed identity. */
  readonly subject: string;
  readonly audience: string;
}

/** An identity without `userAssigned` is the one of the function app itself. */
export interface ManagedIdentity {
  readonly clientId: string;
  readonly name: string;
  readonly tenantId: string;
  readonly userAssigned: boolean;
}

export interface Vault {
  readonly name: string;
  readonly tenantId: string;
  /** Client ids of the identities that may read secrets. */
  readonly readers: Set<string>;
  /** Oldest version first. */
  readonly secrets: Map<string, SecretVersion[]>;
}

export interface SecretVersion {
  readonly version: string;
  readonly value: string;
  readonly contentType?: string;
  /** Whether it belongs to a certificate of the same name. */
  readonly managed?: boolean;
  readonly createdAt: number;
  readonly startsAt?: number;
  expiresAt: number | undefined;
  enabled: boolean;
}

export const clientSecretName = 'defender-client-secret';
export const clientCertificateName = 'defender-client-certificate';
export const secretLifetimeMs = 180 * 24 * 60 * 60 * 1000;

export type Permissions = Readonly<Partial<Record<ResourceName, readonly string[]>>>;

/** Every application permission that the app's operations need. */
export const neededRoles: Permissions = {
  defenderXdr: ['Incident.ReadWrite.All', 'AdvancedHunting.Read.All'],
  graph: ['SecurityIncident.ReadWrite.All', 'SecurityAlert.ReadWrite.All', 'ThreatHunting.Read.All'],
  defenderForEndpoint: [
    'Machine.Read.All',
    'Machine.Isolate',
    'Machine.Scan',
    'Machine.CollectForensics',
    'Machine.StopAndQuarantine',
    'Machine.RestrictExecution',
    'Machine.Offboard',
    'Ti.ReadWrite.All',
  ],
};

/** Every delegated permission that they need for a user. */
export const neededScopes: Permissions = {
  defenderXdr: ['Incident.ReadWrite', 'AdvancedHunting.Read'],
  graph: ['SecurityIncident.ReadWrite.All', 'SecurityAlert.ReadWrite.All', 'ThreatHunting.Read.All'],
  defenderForEndpoint: [
    'Machine.Read',
    'Machine.Isolate',
    'Machine.Scan',
    'Machine.CollectForensics',
    'Machine.StopAndQuarantine',
    'Machine.RestrictExecution',
    'Machine.Offboard',
    'Ti.ReadWrite',
  ],
};

export function createTenant(
  description: Pick<Tenant, 'id' | 'domain' | 'displayName' | 'incidentCount'>,
  nationalCloud: NationalCloud,
): Tenant {
  const [first, second, third] = analystsOf(description.domain);
  const analyst = (userPrincipalName: string) => createUser(description.id, userPrincipalName);
  return {
    ...description,
    authority: hostsOf[nationalCloud].login,
    servicePrincipals: new Map(),
    users: [analyst(first), analyst(second), analyst(third)],
    consentRefusal: undefined,
  };
}

export function createServicePrincipal(roles: Permissions, scopes: Permissions): ServicePrincipal {
  const byResource = (permissions: Permissions) =>
    new Map(resourceNames.map((name) => [name, new Set(permissions[name])]));
  return { objectId: randomUUID(), roles: byResource(roles), scopes: byResource(scopes) };
}

/** Admin consent: the application gets every permission it needs, or those that are given. */
export function consent(
  tenant: Tenant,
  { clientId }: Application,
  roles: Permissions = neededRoles,
  scopes: Permissions = neededScopes,
): void {
  tenant.servicePrincipals.set(clientId, createServicePrincipal(roles, scopes));
}

export function findTenant(world: World, idOrDomain: string): Tenant | undefined {
  const wanted = idOrDomain.toLowerCase();
  return world.tenants.find(({ id, domain }) => id === wanted || domain === wanted);
}
