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
   * The secret, read at most five minutes ago; during an outage at most 15 minutes ago.
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
}

const freshForMs = 5 * 60_000;
const bridgedForMs = 15 * 60_000;
const bridgePauseMs = 30_000;

/** Concurrent callers share one read. */
export function createVaultCredentialStore(options: VaultCredentialStoreOptions): VaultCredentialStore {
  const { request, clock, getGeneration, failurePauseMs = 0 } = options;
  let known: { credential: VaultCredential; readAt: number; generation: string } | undefined;
  let failure: { error: unknown; until: number } | undefined;
  let reading: Promise<VaultCredential> | undefined;
  let retryAt = 0;

  async function readOnce(): Promise<VaultCredential> {
    try {
      // Before the read, which may miss a version that is announced meanwhile.
      const generation = await getGeneration();
      const credential = await request();
      known = { credential, readAt: clock.now(), generation };
      failure = undefined;
      return credential;
    } catch (error) {
      if (isDefiniteRefusal(error)) known = undefined;
      failure = { error, until: clock.now() + failurePauseMs };
      throw error;
    } finally {
      reading = undefined;
    }
  }

  function read(): Promise<VaultCredential> {
    reading ??= readOnce();
    return reading;
  }

  async function readUnlessPaused(): Promise<VaultCredential> {
    if (failure !== undefined && clock.now() < failure.until) throw failure.error;
    return await read();
  }

  const findBridge = (): VaultCredential | undefined =>
    known !== undefined && clock.now() - known.readAt < bridgedForMs ? known.credential : undefined;

  return {
    async get() {
      if (known === undefined) return await readUnlessPaused();
      const isFresh = clock.now() - known.readAt < freshForMs && known.generation === (await getGeneration());
      const bridge = findBridge();
      if (bridge !== undefined && (isFresh || clock.now() < retryAt)) return bridge;
      try {
        return await readUnlessPaused();
      } catch (error) {
        const fallback = findBridge();
        if (fallback === undefined) throw error;
        retryAt = clock.now() + bridgePauseMs;
        return fallback;
      }
    },
    getNewerThan: async (rejected) =>
      known !== undefined && known.credential.value !== rejected.value ? known.credential : await read(),
    read,
  };
}

/** Key Vault has answered that the secret may not be used: any 4xx but a timeout or throttling. */
function isDefiniteRefusal(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.upstream.service !== 'keyVault') return false;
  const { status = 0 } = error.upstream;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
