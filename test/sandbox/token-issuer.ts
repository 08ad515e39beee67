import { compactVerify, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** The claims of the tokens that the cloud issues; `exp`, `nbf` and `iat` are epoch seconds. */
export interface TokenClaims {
  readonly aud: string;
  readonly iss: string;
  readonly tid: string;
  readonly appid: string;
  readonly oid: string;
  readonly idtyp: 'app';
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  /** Absent when no application permission was granted. */
  readonly roles?: readonly string[];
}

export interface TokenIssuer {
  issue(claims: Omit<TokenClaims, 'iat' | 'nbf' | 'exp'>, lifetimeSeconds: number): Promise<string>;
  /** The claims of a token that this issuer signed, expired or not; undefined for anything else. */
  read(token: string): Promise<TokenClaims | undefined>;
  publicKey(): Promise<JWK>;
}

const keyId = 'sandbox-signing-key';
const rememberedTokens = 1000;
/** One key for all clouds of the process, since making one takes longer than a test. */
const keyPair = generateKeyPair('RS256');

export function createTokenIssuer(now: () => number): TokenIssuer {
  const remembered = new Map<string, TokenClaims>();

  return {
    async issue(claims, lifetimeSeconds) {
      const iat = Math.floor(now() / 1000);
      const issued = { ...claims, iat, nbf: iat, exp: iat + lifetimeSeconds };
      const { privateKey } = await keyPair;
      const token = await new SignJWT({ ...issued, ver: '1.0', uti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
        .sign(privateKey);
      if (remembered.size === rememberedTokens) remembered.clear();
      remembered.set(token, issued);
      return token;
    },
    async read(token) {
      const known = remembered.get(token);
      if (known) return known;
      const { publicKey } = await keyPair;
      const verified = await compactVerify(token, publicKey).catch(() => undefined);
      // What this key has signed are claims of this shape.
      return verified && (JSON.parse(new TextDecoder().decode(verified.payload)) as TokenClaims);
    },
    async publicKey() {
      const { publicKey } = await keyPair;
      return { ...(await exportJWK(publicKey)), use: 'sig', alg: 'RS256', kid: keyId };
    },
  };
}
