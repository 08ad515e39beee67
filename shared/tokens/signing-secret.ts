import type { Clock } from '../clock.ts';
import type { VaultCredentialStore } from './vault-credential.ts';

/** The secret with which systems sign their commands. */
export interface SigningSecret {
  /**
   * The secret, cached as every secret of Key Vault.
   * @throws {UpstreamError} of `managedIdentity` or `keyVault`.
   */
  get(): Promise<string>;
  /** The secret as it is now, after an invalid signature; undefined if it was read for that reason within the last minute. */
  getAnew(): Promise<string | undefined>;
}

/** Invalid signatures must not make the app read Key Vault at each call. */
const readAgainAfterMs = 60_000;

export function createSigningSecret(store: VaultCredentialStore, clock: Pick<Clock, 'now'>): SigningSecret {
  let readAgainAt = 0;
  return {
    get: async () => (await store.get()).value,
    async getAnew() {
      const now = clock.now();
      if (now < readAgainAt) return undefined;
      readAgainAt = now + readAgainAfterMs;
      return (await store.read()).value;
    },
  };
}
