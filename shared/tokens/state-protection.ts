import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { ConfigError } from '../errors.ts';
import type { StateKey, StateKeys } from './state-key.ts';

/** What a derived secret or an encrypted value is for: a value made for one purpose is of no use for another. */
type StoredPurpose = 'signingSecret' | 'callbackUrl' | 'storedResponse';
/** What callers carry for the app. */
type SignedPurpose = 'nextLink' | 'pollState';

/**
 * Protects what the app stores and what callers carry for it, under a key in Key Vault (`STATE_KEY_NAME`). Without that setting nothing is
 * encrypted and signatures are digests, which only detect mistakes. Every value names the version of its key: after a rotation earlier
 * values stay readable as long as their version is enabled in Key Vault. Values from before the setting stay readable.
 *
 * Methods fail with an `UpstreamError` of `managedIdentity` or `keyVault`.
 */
export interface StateProtection {
  /**
   * A secret of 32 bytes that is not stored: the same for the same purpose, subject (such as a subscription id) and key version.
   * Store `keyVersion`, and pass it to get the secret again; without it the latest version is used. Undefined without a key.
   */
  derive(
    purpose: StoredPurpose,
    subject: string,
    keyVersion?: string,
  ): Promise<{ secret: Uint8Array; keyVersion: string } | undefined>;
  /** The text for storage. `subject` is the row it belongs to: it cannot be decrypted as another row's. */
  encrypt(purpose: StoredPurpose, subject: string, text: string): Promise<string>;
  /**
   * The text that was encrypted; a text from before the setting as it is.
   * @throws {ConfigError} for an encrypted value without `STATE_KEY_NAME`. @throws {TypeError} for one that was modified.
   */
  decrypt(purpose: StoredPurpose, subject: string, stored: string): Promise<string>;
  /** A signature of letters, digits, `-` and `_`. */
  sign(purpose: SignedPurpose, text: string): Promise<string>;
  /** Whether `sign` made the signature for this text. A poll `state` from before the setting stays valid, a `nextLink` does not. */
  verify(purpose: SignedPurpose, text: string, signature: string): Promise<boolean>;
}

const prefix = 'enc1.';
const nonceBytes = 12;
const tagBytes = 16;
const digestLength = 16;
const signatureLength = 43;

/** @param keys undefined without `STATE_KEY_NAME`. */
export function createStateProtection(keys: StateKeys | undefined): StateProtection {
  return keys === undefined ? unprotected : createProtection(keys);
}

const unprotected: StateProtection = {
  derive: async () => undefined,
  encrypt: async (_purpose, _subject, text) => text,
  async decrypt(_purpose, _subject, stored) {
    if (!stored.startsWith(prefix)) return stored;
    const detail = 'is required to read what was stored while it was set';
    throw new ConfigError([{ in: 'setting', name: 'STATE_KEY_NAME', detail }]);
  },
  sign: async (purpose, text) => digest(purpose, text),
  verify: async (purpose, text, signature) => isEqual(signature, digest(purpose, text)),
};

function createProtection(keys: StateKeys): StateProtection {
  return {
    async derive(purpose, subject, keyVersion) {
      const key = keyVersion === undefined ? await keys.getLatest() : await keys.get(keyVersion);
      return { secret: expand(key, ['derive', purpose, subject]), keyVersion: key.version };
    },
    async encrypt(purpose, subject, text) {
      const key = await keys.getLatest();
      return `${prefix}${key.version}.${seal(expand(key, ['encrypt', purpose]), subject, text)}`;
    },
    async decrypt(purpose, subject, stored) {
      if (!stored.startsWith(prefix)) return stored;
      const [version = '', sealed = ''] = stored.slice(prefix.length).split('.');
      return unseal(expand(await keys.get(version), ['encrypt', purpose]), subject, sealed);
    },
    async sign(purpose, text) {
      const key = await keys.getLatest();
      return key.version + mac(key, purpose, text);
    },
    async verify(purpose, text, signature) {
      if (signature.length <= signatureLength)
        return purpose === 'pollState' && isEqual(signature, digest(purpose, text));
      const key = await keys.find(signature.slice(0, -signatureLength));
      return key !== undefined && isEqual(signature, key.version + mac(key, purpose, text));
    },
  };
}

/** A key of its own for each use. */
function expand({ bytes }: StateKey, use: readonly string[]): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', bytes, '', JSON.stringify(['defender-functions', ...use]), 32));
}

function seal(key: Uint8Array, subject: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(subject));
  const content = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...content, cipher.getAuthTag()]).toString('base64url');
}

function unseal(key: Uint8Array, subject: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const tag = bytes.subarray(-tagBytes);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(subject)).setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString();
  } catch {
    throw new TypeError('A stored value was modified or belongs to another row');
  }
}

const mac = (key: StateKey, purpose: SignedPurpose, text: string): string =>
  createHmac('sha256', expand(key, ['sign', purpose]))
    .update(text)
    .digest('base64url');

const digest = (purpose: SignedPurpose, text: string): string =>
  createHash('sha256')
    .update(JSON.stringify([purpose, text]))
    .digest('base64url')
    .slice(0, digestLength);

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
