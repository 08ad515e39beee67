import { compactVerify, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

interface CommonClaims {
  readonly aud: string;
  readonly iss: string;
  readonly tid: string;
  readonly oid: string;
  /** Object id of the identity in its token for Entra itself. */
  readonly sub?: string;
  readonly ver: '1.0' | '2.0';
  /** The application that asked for the token; version 2 writes it as `azp`. */
  readonly appid?: string;
  readonly azp?: string;
  /** How the user proved who they are. */
  readonly amr?: readonly string[];
}

/** An application for itself. */
interface AppClaims extends CommonClaims {
  readonly idtyp: 'app';
  /** Absent when no application permission was granted. */
  readonly roles?: readonly string[];
  readonly scp?: never;
}

/** A user by means of an application. */
interface UserClaims extends CommonClaims {
  /** Delegated permissions, separated by blanks. */
  readonly scp: string;
  /** Application roles of the resource that the user was assigned. */
  readonly roles?: readonly string[];
  readonly name: string;
  /** The user principal name; version 2 writes it as `preferred_username`. */
  readonly upn?: string;
  readonly preferred_username?: string;
  /** Only where the resource has asked for the claim. */
  readonly idtyp?: 'user';
}

/** Epoch seconds. */
interface Validity {
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/** The claims of the tokens that the cloud issues. */
export type TokenClaims = (AppClaims | UserClaims) & Validity;

export interface TokenIssuer {
  issue(claims: AppClaims | UserClaims, lifetimeSeconds: number): Promise<string>;
  /** The claims of a token that this issuer signed, expired or not; undefined for anything else. */
  read(token: string): Promise<TokenClaims | undefined>;
  /** Newest first. */
  publicKeys(): Promise<JWK[]>;
  /** Signs with a new key from now on; the old ones stay published. */
  rollKey(): Promise<void>;
}

interface SigningKey {
  readonly keyId: string;
  readonly pair: ReturnType<typeof generateKeyPair>;
}

const rememberedTokens = 1000;
/** One first key for all clouds of the process, since making one takes longer than a test. */
const firstKey: SigningKey = { keyId: 'sandbox-signing-key', pair: generateKeyPair('RS256') };

export function createTokenIssuer(now: () => number): TokenIssuer {
  const remembered = new Map<string, TokenClaims>();
  let keys: readonly [SigningKey, ...SigningKey[]] = [firstKey];

  async function verify(token: string): Promise<TokenClaims | undefined> {
    for (const { pair } of keys) {
      const verified = await compactVerify(token, (await pair).publicKey).catch(() => undefined);
      // What these keys have signed are claims of this shape.
      if (verified) return JSON.parse(new TextDecoder().decode(verified.payload)) as TokenClaims;
    }
    return undefined;
  }

  return {
    async issue(claims, lifetimeSeconds) {
      const iat = Math.floor(now() / 1000);
      const issued = { ...claims, iat, nbf: iat, exp: iat + lifetimeSeconds };
      const [{ keyId, pair }] = keys;
      const { privateKey } = await pair;
      const token = await new SignJWT({ ...issued, uti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
        .sign(privateKey);
      if (remembered.size === rememberedTokens) remembered.clear();
      remembered.set(token, issued);
      return token;
    },
    read: async (token) => remembered.get(token) ?? (await verify(token)),
    publicKeys: () =>
      Promise.all(
        keys.map(async ({ keyId, pair }) => ({
          ...(await exportJWK((await pair).publicKey)),
          use: 'sig',
          alg: 'RS256',
          kid: keyId,
        })),
      ),
    async rollKey() {
      const next: SigningKey = { keyId: `sandbox-signing-key-${keys.length + 1}`, pair: generateKeyPair('RS256') };
      await next.pair;
      keys = [next, ...keys];
    },
  };
}
