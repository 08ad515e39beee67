import { createSecretValue, createSecretVersion } from './create-world.ts';
import { createCredentialAdministrator } from './credential-administrator.ts';
import type { Incident } from './incident.ts';
import type { ResourceName } from './resources.ts';
import { createUser, type RequiredInteraction, type User } from './user.ts';
import {
  type Application,
  type ConsentRefusal,
  clientSecretName,
  consent,
  createTenant,
  type Permissions,
  type SecretVersion,
  type ServicePrincipal,
  secretLifetimeMs,
  type Tenant,
  type World,
} from './world.ts';

/** Id of a Conditional Access policy that sign-ins must meet. */
const defaultChallenge = JSON.stringify({
  access_token: { capolids: { essential: true, values: ['9ab03e19-ed42-4168-b6b7-7001fb3e933a'] } },
});

export type Administrator = ReturnType<typeof createAdministrator>;

/** What administrators do to the directory and the vault while the app runs. Tenants default to the home tenant. */
export function createAdministrator(world: World, now: () => number) {
  const { application, home, vault } = world;

  function principalIn(tenant: Tenant): ServicePrincipal {
    const principal = tenant.servicePrincipals.get(application.clientId);
    if (!principal) throw new Error(`${tenant.displayName} has not consented to ${application.displayName}`);
    return principal;
  }

  function secretVersions(name: string): SecretVersion[] {
    const versions = vault.secrets.get(name) ?? [];
    vault.secrets.set(name, versions);
    return versions;
  }

  return {
    ...createCredentialAdministrator(world, now),
    /** A new secret in Entra and as the newest version in the vault; the old ones are revoked (AADSTS7000215). */
    rotateSecret(): string {
      const value = createSecretValue();
      application.secrets.splice(0, application.secrets.length, { value, expiresAt: now() + secretLifetimeMs });
      secretVersions(clientSecretName).push(createSecretVersion(value, now()));
      return value;
    },
    /** Expires every secret of the application, in Entra (AADSTS7000222) and in Key Vault. */
    expireSecret(): void {
      setSecretExpiry(application, secretVersions(clientSecretName), now() - 1000);
    },
    setSecretExpiry(expiresAt: number): void {
      setSecretExpiry(application, secretVersions(clientSecretName), expiresAt);
    },
    /** A new version of any secret in the vault; Entra does not learn of it. */
    putSecret(name: string, value: string, contentType?: string): void {
      secretVersions(name).push({ ...createSecretVersion(value, now()), ...(contentType && { contentType }) });
    },
    disableSecret(name = clientSecretName): void {
      for (const version of secretVersions(name)) version.enabled = false;
    },
    removeSecret(name = clientSecretName): void {
      vault.secrets.delete(name);
    },
    /** Revokes every identity's access to the vault. */
    denyVault(): void {
      vault.readers.clear();
    },
    removeIdentities(): void {
      world.identities.splice(0);
    },
    grantRole(resource: ResourceName, role: string, tenant: Tenant = home): void {
      principalIn(tenant).roles.get(resource)?.add(role);
    },
    revokeRole(resource: ResourceName, role: string, tenant: Tenant = home): void {
      principalIn(tenant).roles.get(resource)?.delete(role);
    },
    revokeAllRoles(tenant: Tenant = home): void {
      for (const roles of principalIn(tenant).roles.values()) roles.clear();
    },
    /** Admin consent to a delegated permission, for every user of the tenant. */
    grantDelegated(resource: ResourceName, scope: string, tenant: Tenant = home): void {
      principalIn(tenant).scopes.get(resource)?.add(scope);
    },
    /** Without the last one for a resource there is no token for it (AADSTS65001). */
    revokeDelegated(resource: ResourceName, scope: string, tenant: Tenant = home): void {
      principalIn(tenant).scopes.get(resource)?.delete(scope);
    },
    /** The application may no longer act for any user of the tenant (AADSTS65001). */
    revokeUserConsent(tenant: Tenant = home): void {
      for (const scopes of principalIn(tenant).scopes.values()) scopes.clear();
    },
    grantPortalRights(user: User, resource: ResourceName): void {
      user.portalRights.add(resource);
    },
    /** The user's tokens keep their permissions, and the API answers 403. */
    revokePortalRights(user: User, resource: ResourceName): void {
      user.portalRights.delete(resource);
    },
    /** From now on Defender shows the user these incidents only. */
    limitIncidents(user: User, seesIncident: (incident: Incident) => boolean): void {
      user.seesIncident = seesIncident;
    },
    /** Conditional Access wants the user to sign in again, with `claims`, before a token is exchanged. */
    requireInteraction(user: User, interaction: Partial<RequiredInteraction> = {}): void {
      user.interaction = { code: 50076, claims: defaultChallenge, suberror: 'basic_action', ...interaction };
    },
    addUser(userPrincipalName: string, tenant: Tenant = home): User {
      const user = createUser(tenant.id, userPrincipalName);
      tenant.users.push(user);
      return user;
    },
    /** Admin consent: the application gets every permission it needs, or those that are given. */
    consent(tenant: Tenant, roles?: Permissions, scopes?: Permissions): void {
      consent(tenant, application, roles, scopes);
    },
    /** From now on the administrator of the tenant declines when a link asks for consent. */
    declineConsent(tenant: Tenant, refusal: ConsentRefusal = 'access_denied'): void {
      tenant.consentRefusal = refusal;
    },
    /** The administrator has thought better of it. */
    allowConsent(tenant: Tenant): void {
      tenant.consentRefusal = undefined;
    },
    /** The application is gone from the tenant (AADSTS7000229). */
    revokeConsent(tenant: Tenant = home): void {
      tenant.servicePrincipals.delete(application.clientId);
    },
    disableApplication(): void {
      application.disabled = true;
    },
    /** The application is gone altogether (AADSTS700016). */
    deleteApplication(): void {
      world.applications.splice(0);
    },
    /** A customer that has consented to everything. */
    addTenant(description: Pick<Tenant, 'id' | 'domain' | 'displayName' | 'incidentCount'>): Tenant {
      const tenant = createTenant(description, world.nationalCloud);
      consent(tenant, application);
      world.tenants.push(tenant);
      return tenant;
    },
  };
}

function setSecretExpiry(application: Application, versions: readonly SecretVersion[], expiresAt: number): void {
  for (const secret of application.secrets) secret.expiresAt = expiresAt;
  for (const version of versions) version.expiresAt = expiresAt;
}
