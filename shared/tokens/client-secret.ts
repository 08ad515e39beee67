import type { TokenCredential } from '@azure/core-auth';
import { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import type { Observe } from '../outbound/observation.ts';
import type { RunStep } from './credential-step.ts';

/** The application's secret, as one version of it stands in Key Vault. */
export interface ClientSecret {
  value: string;
  version: string | undefined;
  createdAt: number | undefined;
  expiresAt: number | undefined;
}

export interface ClientSecretStore {
  /** The secret: from memory if it is there, whatever its age. */
  get(): Promise<ClientSecret>;
  /** A secret that is not the one that Entra just rejected: from memory if somebody was faster, else read anew. */
  getOtherThan(rejected: ClientSecret): Promise<ClientSecret>;
  /** The secret as Key Vault has it now; when that fails, the one in memory goes on. */
  read(): Promise<ClientSecret>;
}

/** Concurrent callers share one read. A failed read reaches all of them and leaves what is in memory alone. */
export function createClientSecretStore(requestSecret: () => Promise<ClientSecret>): ClientSecretStore {
  let known: ClientSecret | undefined;
  let reading: Promise<ClientSecret> | undefined;

  async function readOnce(): Promise<ClientSecret> {
    try {
      known = await requestSecret();
      return known;
    } finally {
      reading = undefined;
    }
  }

  function read(): Promise<ClientSecret> {
    reading ??= readOnce();
    return reading;
  }

  return {
    get: async () => known ?? (await read()),
    getOtherThan: async (rejected) => (known !== undefined && known.value !== rejected.value ? known : await read()),
    read,
  };
}

interface SecretSource {
  runStep: RunStep;
  managedIdentity: TokenCredential;
  vaultUrl: string;
  secretName: string;
  clock: Clock;
  observe: Observe;
}

/**
 * Reads the latest version of a secret from Key Vault as the managed identity.
 * @throws {UpstreamError} of `managedIdentity` or `keyVault`.
 */
export function createSecretReader(source: SecretSource): () => Promise<ClientSecret> {
  const { runStep, managedIdentity, vaultUrl, secretName, clock, observe } = source;
  return async () => {
    const startedAt = clock.now();
    try {
      const reading = runStep('keyVault', (options) =>
        new SecretClient(vaultUrl, managedIdentity, options).getSecret(secretName),
      );
      // If it fails, so will the import that waits for it.
      clock.startTimer(() => import('./identity-sdk.ts').catch(() => {}), 0);
      const secret = await reading;
      const value = requireValue(secret.value);
      observe({ name: 'SecretRead', durationMs: clock.now() - startedAt, succeeded: true });
      return {
        value,
        version: secret.properties.version,
        createdAt: secret.properties.createdOn?.getTime(),
        expiresAt: secret.properties.expiresOn?.getTime(),
      };
    } catch (error) {
      const code = error instanceof UpstreamError ? (error.upstream.code ?? error.failure) : 'unknown';
      observe({ name: 'SecretRead', durationMs: clock.now() - startedAt, succeeded: false, code });
      throw error;
    }
  };
}

function requireValue(value: string | undefined): string {
  if (value) return value;
  throw new UpstreamError('The client secret in Key Vault is empty.', {
    service: 'keyVault',
    failure: 'malformed',
    nextStep: 'Store the client secret as a new version of the secret in Key Vault.',
  });
}
