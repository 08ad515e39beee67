import { type Certificate, chainToPem, issueCertificate, toPem, toPkcs12 } from './certificate.ts';
import { createSecretVersion } from './create-world.ts';
import { issuerOf } from './identity-assertion.ts';
import { identifierUrisOf } from './resources.ts';
import {
  clientCertificateName,
  type FederatedCredential,
  type ManagedIdentity,
  neededRoles,
  type Permissions,
  type SecretVersion,
  type ServicePrincipal,
  secretLifetimeMs,
  type World,
} from './world.ts';

interface CertificateOptions {
  readonly name?: string;
  /** How the vault gives it out; without its key it is of no use to the application. */
  readonly format?: 'pem' | 'pkcs12' | 'withoutKey';
  readonly startsAt?: number;
  readonly expiresAt?: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** What administrators do about the credentials that are no secrets: certificates, federation, managed identities. */
export function createCredentialAdministrator(world: World, now: () => number) {
  const { application, vault } = world;

  /** A new version of a certificate in the vault; Entra does not learn of it. */
  async function createCertificate({
    name = clientCertificateName,
    format = 'pem',
    expiresAt = now() + secretLifetimeMs,
    startsAt = Math.min(now(), expiresAt) - dayMs,
  }: CertificateOptions = {}): Promise<Certificate> {
    const certificate = await issueCertificate({ subject: name, startsAt, expiresAt });
    const version: SecretVersion = {
      ...createSecretVersion(await writeCertificate(certificate, format), now()),
      contentType: format === 'pkcs12' ? 'application/x-pkcs12' : 'application/x-pem-file',
      managed: true,
      startsAt,
      expiresAt,
    };
    vault.secrets.set(name, [...(vault.secrets.get(name) ?? []), version]);
    return certificate;
  }

  /** Uploads the public part to the app registration, beside those that are there. */
  function registerCertificate({ leaf }: Certificate): void {
    application.certificates.push(leaf);
  }

  function principalOf({ clientId, name }: ManagedIdentity): ServicePrincipal {
    const principal = world.home.servicePrincipals.get(clientId);
    if (!principal) throw new Error(`There is no service principal of ${name}`);
    return principal;
  }

  return {
    createCertificate,
    registerCertificate,
    /** Removes the certificate: signatures with it are rejected (AADSTS700027). */
    unregisterCertificate({ leaf }: Certificate): void {
      const at = application.certificates.findIndex(({ fingerprint256 }) => fingerprint256 === leaf.fingerprint256);
      if (at >= 0) application.certificates.splice(at, 1);
    },
    /** A new certificate in the vault and on the app registration, or the first; the old ones are unregistered. */
    async rotateCertificate(options?: CertificateOptions): Promise<Certificate> {
      const certificate = await createCertificate(options);
      application.certificates.splice(0);
      registerCertificate(certificate);
      return certificate;
    },
    /** The application trusts the tokens of an identity. Default: the user-assigned one. */
    federate(changes: Partial<FederatedCredential> = {}): FederatedCredential {
      const [audience = ''] = identifierUrisOf('tokenExchange', world.nationalCloud);
      const subject = principalOf(world.userAssignedIdentity).objectId;
      const credential = { issuer: issuerOf(world.home), subject, audience, ...changes };
      application.federatedCredentials.push(credential);
      return credential;
    },
    /** Removes the federated credential: other tokens are rejected (AADSTS70021). */
    endFederation(): void {
      application.federatedCredentials.splice(0);
    },
    /** Application permissions for an identity itself, by default all that the app's operations need. */
    grantIdentity(identity: ManagedIdentity, roles: Permissions = neededRoles): void {
      for (const [resource, granted] of principalOf(identity).roles) {
        for (const role of roles[resource] ?? []) granted.add(role);
      }
    },
    revokeIdentity(identity: ManagedIdentity): void {
      for (const granted of principalOf(identity).roles.values()) granted.clear();
    },
  };
}

function writeCertificate(certificate: Certificate, format: 'pem' | 'pkcs12' | 'withoutKey'): string | Promise<string> {
  if (format === 'pkcs12') return toPkcs12(certificate);
  return format === 'pem' ? toPem(certificate) : chainToPem(certificate);
}
