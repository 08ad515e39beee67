/** The application's secret or certificate, as one version of it stands in Key Vault. */
export interface VaultCredential {
  /** The secret; of a certificate its private key, itself and its chain, as PEM. */
  value: string;
  version: string | undefined;
  /** Epoch milliseconds. */
  createdAt: number | undefined;
  /** Epoch milliseconds; undefined when it never expires. */
  expiresAt: number | undefined;
}

export interface VaultCredentialStore {
  /** The credential: from memory if it is there and nobody has said that there is a newer one. */
  get(): Promise<VaultCredential>;
  /** A credential that is not the one that Entra just rejected: from memory if somebody was faster, else read anew. */
  getNewerThan(rejected: VaultCredential): Promise<VaultCredential>;
  /** The credential as Key Vault has it now; when that fails, the one in memory goes on. */
  read(): Promise<VaultCredential>;
  /** Somebody knows of a newer version: whoever needs the credential next reads it. */
  expire(): void;
}

/** Concurrent callers share one read. A failed read reaches all of them and leaves what is in memory alone. */
export function createVaultCredentialStore(request: () => Promise<VaultCredential>): VaultCredentialStore {
  let known: VaultCredential | undefined;
  let reading: Promise<VaultCredential> | undefined;
  /** How often it was expired, and what that count was when the latest read began: a read that was under way may have missed the new version. */
  let expiries = 0;
  let expiriesSeen = 0;

  async function readOnce(): Promise<VaultCredential> {
    const expiriesBefore = expiries;
    try {
      known = await request();
      return known;
    } finally {
      expiriesSeen = expiriesBefore;
      reading = undefined;
    }
  }

  function read(): Promise<VaultCredential> {
    reading ??= readOnce();
    return reading;
  }

  return {
    async get() {
      if (known === undefined) return await read();
      if (expiriesSeen === expiries) return known;
      // With the vault down the one in memory goes on: if it is too old, Entra will say so.
      const fallback = known;
      return await read().catch(() => fallback);
    },
    getNewerThan: async (rejected) => (known !== undefined && known.value !== rejected.value ? known : await read()),
    read,
    expire() {
      expiries++;
    },
  };
}
