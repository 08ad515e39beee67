import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Certificate } from '../../sandbox/certificate.ts';
import type { Cloud } from '../../sandbox/cloud.ts';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

type SigningCertificate = Pick<Certificate, 'leaf' | 'privateKey'>;

interface AssertionOptions {
  readonly alg?: 'PS256' | 'RS256' | 'RS512';
  /** The header that names the certificate. */
  readonly header?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** What the application signs with its certificate to prove who it is. */
export function signAssertion(
  { now, world }: Cloud,
  { leaf, privateKey }: SigningCertificate,
  { alg = 'PS256', header = { 'x5t#S256': thumbprintOf(leaf.raw) }, claims }: AssertionOptions = {},
): Promise<string> {
  const iat = Math.floor(now() / 1000);
  const { clientId } = world.application;
  return new SignJWT({
    aud: `https://login.microsoftonline.com/${world.home.id}/oauth2/v2.0/token`,
    iss: clientId,
    sub: clientId,
    jti: crypto.randomUUID(),
    iat,
    nbf: iat,
    exp: iat + 600,
    ...claims,
  })
    .setProtectedHeader({ alg, typ: 'JWT', ...header })
    .sign(privateKey);
}

/** The certificate in a PEM with its private key and its chain. */
export function parsePem(pem: string): SigningCertificate {
  return { leaf: new X509Certificate(pem), privateKey: createPrivateKey(pem) };
}

/** The members of a token request that replace the secret. */
export function asCredential(assertion: string) {
  return { client_secret: undefined, client_assertion_type: assertionType, client_assertion: assertion };
}

export function thumbprintOf(der: Uint8Array, algorithm: 'sha1' | 'sha256' = 'sha256'): string {
  return createHash(algorithm).update(der).digest('base64url');
}
