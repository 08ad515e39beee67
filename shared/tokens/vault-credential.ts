import { createCachedValue } from '../cached-value.ts';
import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';

/** One version of a secret or certificate in Key Vault. */
export interface VaultCredential {
  /** The secret; of a certificate its private key, itself and its chain, as PEM. */
  value: string;
  version: string | undefined;
  /** Epoch milliseconds. */
  createdAt: number | undefined;
  /** Epoch milliseconds; undefined if it never expires. */
  expiresAt: number | undefined;
}

/**
 * A secret of Key Vault, cached. A definite refusal of Key Vault (disabled, deleted, forbidden) drops the cached value at once; an
 * outage is bridged with it.
 */
export interface VaultCredentialStore {
  /**
   * The secret, from memory within its `lifetime`.
   * @throws {UpstreamError} of `managedIdentity` or `keyVault`.
   */
  get(): Promise<VaultCredential>;
  /** A secret other than the one that was rejected: the cached one if it differs, else a new read. */
  getNewerThan(rejected: VaultCredential): Promise<VaultCredential>;
  /** Reads the secret now. */
  read(): Promise<VaultCredential>;
}

interface VaultCredentialStoreOptions {
  request: () => Promise<VaultCredential>;
  clock: Pick<Clock, 'now'>;
  /** Changes when there may be a newer version. */
  getGeneration: () => Promise<string>;
  /** How long a failure without a cached value is returned to further calls without another read. */
  failurePauseMs?: number;
  /** Default: `acceptedSecret`. */
  lifetime?: SecretLifetime;
}

/** How old a cached secret may become before it is read again, and how old during an outage of Key Vault. */
interface SecretLifetime {
  freshForMs: number;
  bridgedForMs: number;
}

/** A secret that proves others to the app: only the app stops accepting it. */
const acceptedSecret: SecretLifetime = { freshForMs: 5 * 60_000, bridgedForMs: 15 * 60_000 };

/** The secret that proves the app to Entra, which itself rejects a secret that is no longer valid. An outage of Key Vault does no harm. */
export const presentedSecret: SecretLifetime = { freshForMs: Infinity, bridgedForMs: Infinity };

export function createVaultCredentialStore(options: VaultCredentialStoreOptions): VaultCredentialStore {
  const { clock, lifetime = acceptedSecret, ...others } = options;
  const cached = createCachedValue({
    ...others,
    ...lifetime,
    now: clock.now,
    isDefinite: isDefiniteRefusal,
  });
  return {
    get: cached.get,
    async getNewerThan(rejected) {
      const known = cached.peek();
      return known !== undefined && known.value !== rejected.value ? known : await cached.load();
    },
    read: cached.load,
  };
}

/** Key Vault has answered that the secret may not be used: any 4xx but a timeout or throttling. */
function isDefiniteRefusal(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'keyVault') return false;
  const { status = 0 } = error.upstream;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
