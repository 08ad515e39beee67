import type { TokenCredential } from '@azure/core-auth';
import { type KeyVaultSecret, SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import type { RunStep } from './credential-step.ts';
import type { VaultSecretName } from './step-error.ts';
import type { VaultCredential } from './vault-credential.ts';

interface VaultSource {
  runStep: RunStep;
  managedIdentity: TokenCredential;
  vaultUrl: string;
  name: string;
  /** Key Vault has a certificate's private key as a secret of the same name. */
  kind: 'secret' | 'certificate';
  /** The setting that gives the name. */
  setting: string;
  clock: Clock;
  observe: Observe;
}

/**
 * Reads a secret or certificate from Key Vault as the managed identity: the given version, or the latest one.
 * @throws {UpstreamError} of `managedIdentity` or `keyVault`.
 */
export function createVaultReader(source: VaultSource): (version?: string) => Promise<VaultCredential> {
  const { runStep, managedIdentity, vaultUrl, name, kind, clock, observe } = source;
  return async (version) => {
    const startedAt = clock.now();
    try {
      const reading = runStep(
        'keyVault',
        (options) =>
          new SecretClient(vaultUrl, managedIdentity, options).getSecret(
            name,
            version === undefined ? {} : { version },
          ),
        source,
      );
      // A failed import fails again where it is needed.
      clock.startTimer(() => import('./identity-sdk.ts').catch(() => {}), 0);
      const credential = await parse[kind](await reading, source);
      observe({ name: 'SecretRead', durationMs: clock.now() - startedAt, succeeded: true });
      return credential;
    } catch (error) {
      const code = error instanceof UpstreamError ? (error.upstream.code ?? error.failure) : 'unknown';
      observe({ name: 'SecretRead', durationMs: clock.now() - startedAt, succeeded: false, code });
      throw error;
    }
  };
}

const parse = {
  secret: async (secret: KeyVaultSecret, source: VaultSecretName) => toCredential(secret, requireValue(secret, source)),
  async certificate(secret: KeyVaultSecret, source: VaultSecretName) {
    const { parseVaultCertificate } = await import('./vault-certificate.ts');
    const { pem, expiresAt } = await parseVaultCertificate(requireValue(secret, source), source);
    const credential = toCredential(secret, pem);
    return { ...credential, expiresAt: credential.expiresAt ?? expiresAt };
  },
};

function toCredential({ properties }: KeyVaultSecret, value: string): VaultCredential {
  return {
    value,
    version: properties.version,
    createdAt: toInstant(properties.createdOn),
    expiresAt: toInstant(properties.expiresOn),
  };
}

/** Undefined for a date that cannot be represented, and for a value that the SDK did not parse. */
const toInstant = (date: unknown): number | undefined =>
  date instanceof Date && Number.isFinite(date.getTime()) ? date.getTime() : undefined;

/** Tools that store a secret from a file may add a line break or a byte order mark, which `trim` removes too. */
function requireValue(secret: KeyVaultSecret, { name, vaultUrl }: VaultSecretName): string {
  const value = typeof secret.value === 'string' ? secret.value.trim() : '';
  if (value) return value;
  throw new UpstreamError(`The secret ${name} in ${vaultUrl} is empty.`, {
    service: 'keyVault',
    failure: 'malformed',
    nextStep: `Store the value as a new version of ${name} in ${vaultUrl}.`,
  });
}
