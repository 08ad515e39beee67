import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';

/** The claims of a JWT, not verified. */
export interface UnverifiedJwt {
  readonly token: string;
  readonly claims: JWTPayload;
  /** Names the certificate that it claims to be signed with: `x5t#S256`, or else the older `x5t`. */
  readonly thumbprint: string | undefined;
}

/** Undefined when it is no JWT at all. */
export function readJwt(token: string): UnverifiedJwt | undefined {
  try {
    const { 'x5t#S256': sha256, x5t: sha1 }: Record<string, unknown> = { ...decodeProtectedHeader(token) };
    const thumbprint = sha256 ?? sha1;
    return { token, claims: decodeJwt(token), thumbprint: typeof thumbprint === 'string' ? thumbprint : undefined };
  } catch {
    return undefined;
  }
}
