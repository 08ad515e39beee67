import { randomBytes } from 'node:crypto';
import type { NationalCloud } from './national-cloud.ts';
import {
  type Application,
  clientSecretName,
  consent,
  createServicePrincipal,
  createTenant,
  type ManagedIdentity,
  type SecretVersion,
  secretLifetimeMs,
  type Vault,
  type World,
} from './world.ts';

/**
 * Contoso runs the app; Fabrikam and Northwind have consented to it, Woodgrove has consented to some of it, Tailspin
 * has not (yet).
 */
export function createWorld(startedAt: number, nationalCloud: NationalCloud): World {
  const tenantOf = (id: string, name: string, displayName: string, incidentCount: number) =>
    createTenant({ id, domain: `${name}.onmicrosoft.com`, displayName, incidentCount }, nationalCloud);
  const home = tenantOf('6f1c2d3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f', 'contoso', 'Contoso', 240);
  const fabrikam = tenantOf('b7d9a1c4-52e3-4f60-9a7b-1c2d3e4f5a6b', 'fabrikam', 'Fabrikam', 58);
  const northwind = tenantOf('c3e5f7a9-8b1d-4e2f-a6c8-0d1e2f3a4b5c', 'northwind', 'Northwind Traders', 34);
  const woodgrove = tenantOf('d8f0b2c4-6e1a-4d3c-b5e7-9f8a7b6c5d4e', 'woodgrove', 'Woodgrove Bank', 21);
  const tailspin = tenantOf('e1a3c5b7-9d2f-4b6e-8c0a-2f4e6d8b0a1c', 'tailspin', 'Tailspin Toys', 20);
  const application = createApplication(home.id, startedAt);
  const systemAssigned = createIdentity('0b8f6a52-3c1d-4e9a-9d57-6e2f1a0c4b83', 'func-defender', home.id, false);
  const userAssigned = createIdentity('5d2e9c17-84ab-4f36-a0e1-b7c3d6f98e24', 'id-defender', home.id, true);
  for (const tenant of [home, fabrikam, northwind]) consent(tenant, application);
  consent(
    woodgrove,
    application,
    { defenderXdr: ['Incident.Read.All'], graph: ['SecurityAlert.Read.All'] },
    { defenderXdr: ['Incident.Read'], graph: ['SecurityAlert.Read.All'] },
  );
  for (const identity of [systemAssigned, userAssigned]) {
    home.servicePrincipals.set(identity.clientId, createServicePrincipal({}, {}));
  }
  const vault = createVault(home.id, [systemAssigned, userAssigned], application, startedAt);
  return {
    nationalCloud,
    home,
    application,
    vault,
    tenants: [home, fabrikam, northwind, woodgrove, tailspin],
    applications: [application],
    identities: [systemAssigned, userAssigned],
    systemAssignedIdentity: systemAssigned,
    userAssignedIdentity: userAssigned,
    vaults: [vault],
    workflow: {
      clientId: '4c6e8092-a3b5-4d7f-91a3-c5e7092b4d6f',
      objectId: '7f92a3b4-c5d6-4e8f-a1b2-d3e4f5061728',
      roles: new Set(),
    },
  };
}

export function createSecretVersion(value: string, createdAt: number): SecretVersion {
  const version = randomBytes(16).toString('hex');
  return { version, value, createdAt, expiresAt: createdAt + secretLifetimeMs, enabled: true };
}

export function createSecretValue(): string {
  return `sandbox-secret-${randomBytes(12).toString('hex')}`;
}

function createApplication(homeTenantId: string, startedAt: number): Application {
  return {
    clientId: '2a4c6e80-1b3d-4f5a-8c7e-9d0b2f4a6c8e',
    displayName: 'Defender Functions',
    homeTenantId,
    multiTenant: true,
    disabled: false,
    secrets: [{ value: createSecretValue(), expiresAt: startedAt + secretLifetimeMs }],
    certificates: [],
    federatedCredentials: [],
  };
}

function createIdentity(clientId: string, name: string, tenantId: string, userAssigned: boolean): ManagedIdentity {
  return { clientId, name, tenantId, userAssigned };
}

function createVault(
  tenantId: string,
  readers: readonly ManagedIdentity[],
  application: Application,
  startedAt: number,
): Vault {
  const versions = application.secrets.map(({ value }) => createSecretVersion(value, startedAt));
  return {
    name: 'contoso-defender',
    tenantId,
    readers: new Set(readers.map(({ clientId }) => clientId)),
    secrets: new Map([[clientSecretName, versions]]),
  };
}
