import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';

interface ClientAssertion {
  clientId: string;
  /** The token endpoint that the assertion is for. */
  tokenUrl: string;
  /** The private key, the certificate, and its chain. */
  pem: string;
  /** Epoch milliseconds. */
  now: number;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const validForSeconds = 5 * 60;
/** Clocks differ a little. */
const validBeforeSeconds = 60;

/**
 * A JWT signed with a certificate's key, by which the app proves to Entra that it is the app:
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials. The SDK makes one for the client-credentials flow by
 * itself; for a user's token it could only read the certificate from a file.
 */
export async function signClientAssertion({ clientId, tokenUrl, pem, now }: ClientAssertion): Promise<string> {
  const chain = (pem.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));
  const issuedAt = Math.floor(now / 1000);
  return await new SignJWT()
    .setProtectedHeader({
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': Buffer.from(chain[0]?.fingerprint256.replaceAll(':', '') ?? '', 'hex').toString('base64url'),
      x5c: chain.map(({ raw }) => raw.toString('base64')),
    })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt - validBeforeSeconds)
    .setExpirationTime(issuedAt + validForSeconds)
    .sign(createPrivateKey(pem));
}
