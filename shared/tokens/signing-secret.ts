import type { Clock } from '../clock.ts';
import type { VaultCredentialStore } from './vault-credential.ts';

/** A secret of ours by which others prove themselves. Nobody tells us when it should not be accepted any more, so it is never old. */
export interface SigningSecret {
  /**
   * The secret: at most five minutes old, or the last one known while the vault is out of reach.
   * @throws {UpstreamError} of `managedIdentity` or `keyVault` without one; for half a minute without asking again.
   */
  get(): Promise<string>;
  /** The secret as it is now, for something that was signed otherwise; undefined when that was asked within the last minute. */
  getAnew(): Promise<string | undefined>;
  /** Somebody knows of a newer version. */
  expire(): void;
}

const freshForMs = 5 * 60_000;
/** Whoever cannot sign must not make us ask the vault at each call. */
const readAgainAfterMs = 60_000;
const pauseAfterFailureMs = 30_000;

export function createSigningSecret(store: VaultCredentialStore, clock: Clock): SigningSecret {
  let staleAt = 0;
  let readAgainAt = 0;
  let failure: { error: unknown; until: number } | undefined;

  return {
    async get() {
      const now = clock.now();
      if (failure !== undefined && now < failure.until) throw failure.error;
      if (now >= staleAt) {
        store.expire();
        staleAt = now + freshForMs;
      }
      try {
        return (await store.get()).value;
      } catch (error) {
        failure = { error, until: clock.now() + pauseAfterFailureMs };
        throw error;
      }
    },
    async getAnew() {
      const now = clock.now();
      if (now < readAgainAt) return undefined;
      readAgainAt = now + readAgainAfterMs;
      return (await store.read()).value;
    },
    expire: () => store.expire(),
  };
}
