import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';

interface ClientAssertion {
  clientId: string;
  /** The token endpoint, which is the audience. */
  tokenUrl: string;
  /** The private key, the certificate and its chain. */
  pem: string;
  /** Epoch milliseconds. */
  now: number;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const validForSeconds = 5 * 60;
/** Clock skew. */
const validBeforeSeconds = 60;

/**
 * Signs a client assertion with the key of a certificate: https://learn.microsoft.com/entra/identity-platform/certificate-credentials.
 * The SDK does so for the client-credentials flow only; in the on-behalf-of flow it reads the certificate from a file.
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
