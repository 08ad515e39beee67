import { createSecretValue, createSecretVersion } from './create-world.ts';
import type { ResourceName } from './resources.ts';
import {
  type Application,
  clientSecretName,
  createServicePrincipal,
  createTenant,
  neededRoles,
  type SecretVersion,
  type ServicePrincipal,
  secretLifetimeMs,
  type Tenant,
  type World,
} from './world.ts';

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
    /** A new secret in Entra and as the newest version in the vault; the old ones are revoked (AADSTS7000215). */
    rotateSecret(): string {
      const value = createSecretValue();
      application.secrets.splice(0, application.secrets.length, { value, expiresAt: now() + secretLifetimeMs });
      secretVersions(clientSecretName).push(createSecretVersion(value, now()));
      return value;
    },
    /** Every secret of the application has expired, in Entra (AADSTS7000222) and by what the vault says. */
    expireSecret(): void {
      setSecretExpiry(application, secretVersions(clientSecretName), now() - 1000);
    },
    setSecretExpiry(expiresAt: number): void {
      setSecretExpiry(application, secretVersions(clientSecretName), expiresAt);
    },
    /** A new version of any secret in the vault; Entra does not learn of it. */
    putSecret(name: string, value: string): void {
      secretVersions(name).push(createSecretVersion(value, now()));
    },
    disableSecret(name = clientSecretName): void {
      for (const version of secretVersions(name)) version.enabled = false;
    },
    removeSecret(name = clientSecretName): void {
      vault.secrets.delete(name);
    },
    /** No identity may read the vault any more. */
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
    /** Admin consent: the application gets every permission it needs, or those that are given. */
    consent(tenant: Tenant, roles: Parameters<typeof createServicePrincipal>[0] = neededRoles): void {
      tenant.servicePrincipals.set(application.clientId, createServicePrincipal(roles));
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
      tenant.servicePrincipals.set(application.clientId, createServicePrincipal(neededRoles));
      world.tenants.push(tenant);
      return tenant;
    },
  };
}

function setSecretExpiry(application: Application, versions: readonly SecretVersion[], expiresAt: number): void {
  for (const secret of application.secrets) secret.expiresAt = expiresAt;
  for (const version of versions) version.expiresAt = expiresAt;
}
