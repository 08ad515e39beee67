import type { Clock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { createVaultCredentialStore, type VaultCredential, type VaultCredentialStore } from './vault-credential.ts';

/** One version of the key that protects what the app stores. */
export interface StateKey {
  /** The version in Key Vault. */
  version: string;
  bytes: Uint8Array;
}

/** The versions of the state key. Fails with an `UpstreamError` of `managedIdentity` or `keyVault`. */
export interface StateKeys {
  /** The version for new values. */
  getLatest(): Promise<StateKey>;
  /** A version that a stored value names. */
  get(version: string): Promise<StateKey>;
  /** A version that a caller names; undefined if it does not exist or too many unknown versions were asked for lately. */
  find(version: string): Promise<StateKey | undefined>;
}

interface StateKeysOptions {
  name: string;
  /** Reads a version from Key Vault, the latest without one. */
  request: (version?: string) => Promise<VaultCredential>;
  clock: Pick<Clock, 'now'>;
  getGeneration: () => Promise<string>;
}

const versionPattern = /^[0-9a-z]{1,64}$/i;
const minBytes = 32;
const maxVersions = 50;
const failurePauseMs = 30_000;
/** Callers must not be able to make the app read Key Vault at every call. */
const maxUnknownPerMinute = 10;

export function createStateKeys({ name, request, clock, getGeneration }: StateKeysOptions): StateKeys {
  const open = (version?: string) =>
    createVaultCredentialStore({ request: () => request(version), clock, getGeneration, failurePauseMs });
  const latest = open();
  const earlier = new Map<string, VaultCredentialStore>();
  const unknown = { since: 0, count: 0 };

  async function get(version: string): Promise<StateKey> {
    if (!versionPattern.test(version)) throw new TypeError('A stored value has no valid key version');
    // The latest version may be disabled while an earlier one is not.
    const key = earlier.has(version) ? undefined : await getLatest().catch(() => undefined);
    if (key?.version === version) return key;
    const store = earlier.get(version) ?? open(version);
    const found = toStateKey(name, await store.get());
    earlier.set(version, store);
    for (const oldest of earlier.keys()) if (earlier.size > maxVersions) earlier.delete(oldest);
    return found;
  }

  const getLatest = async () => toStateKey(name, await latest.get());

  function mayLookUp(version: string): boolean {
    if (!versionPattern.test(version)) return false;
    if (clock.now() - unknown.since >= 60_000) Object.assign(unknown, { since: clock.now(), count: 0 });
    return ++unknown.count <= maxUnknownPerMinute;
  }

  return {
    getLatest,
    get,
    async find(version) {
      const isLatest = async () => (await getLatest().catch(() => undefined))?.version === version;
      const isKnown = earlier.has(version) || (await isLatest());
      if (!isKnown && !mayLookUp(version)) return undefined;
      try {
        return await get(version);
      } catch (error) {
        if (error instanceof UpstreamError && isUnknown(error)) return undefined;
        throw error;
      }
    },
  };
}

const isUnknown = ({ upstream }: UpstreamError): boolean =>
  upstream.service === 'keyVault' && (upstream.status === 400 || upstream.status === 404);

function toStateKey(name: string, { value, version }: VaultCredential): StateKey {
  const bytes = Buffer.from(value);
  if (version !== undefined && bytes.length >= minBytes) return { version, bytes };
  throw new UpstreamError(`The secret ${name} in Key Vault is shorter than ${minBytes} characters.`, {
    service: 'keyVault',
    failure: 'malformed',
    nextStep: `Store a random value of at least ${minBytes} characters as a new version of ${name}, such as the output of openssl rand -base64 48.`,
  });
}
