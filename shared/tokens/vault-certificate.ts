import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { UpstreamError } from '../errors.ts';

interface ParsedCertificate {
  /** The private key (PKCS #8), the certificate itself, and the chain above it. */
  pem: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/**
 * Reads a certificate as Key Vault gives it: as PEM, or as PKCS #12 (base64, with an empty password), each with the private key.
 * @throws {UpstreamError} of `keyVault` when it is neither, or holds no private key that the certificate belongs to.
 */
export async function parseVaultCertificate(value: string): Promise<ParsedCertificate> {
  const { keys, certificates } = value.includes('-----BEGIN') ? readPem(value) : await readPkcs12(value);
  const key = keys[0];
  if (key === undefined) throw unusable('has no private key', withItsKey);
  if (key.asymmetricKeyType !== 'rsa') throw unusable('has no RSA key, which Entra asks for', withItsKey);
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) throw unusable('does not belong to its private key', withItsKey);
  const chain = certificates.filter((certificate) => certificate !== leaf);
  const pem = [key.export({ type: 'pkcs8', format: 'pem' }), leaf, ...chain].join('\n');
  return { pem, expiresAt: Date.parse(leaf.validTo) };
}

interface Parts {
  keys: KeyObject[];
  certificates: X509Certificate[];
}

const pemBlock = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;

function readPem(text: string): Parts {
  const parts: Parts = { keys: [], certificates: [] };
  for (const [block, label = ''] of text.matchAll(pemBlock)) {
    try {
      if (label.endsWith('PRIVATE KEY')) parts.keys.push(createPrivateKey(block));
      if (label === 'CERTIFICATE') parts.certificates.push(new X509Certificate(block));
    } catch {
      throw unusable('cannot be read as PEM', storeAgain);
    }
  }
  return parts;
}

async function readPkcs12(base64: string): Promise<Parts> {
  const { toPem } = await import('./pkcs12.ts');
  let pem: string;
  try {
    pem = toPem(Buffer.from(base64, 'base64'));
  } catch {
    throw unusable('is neither PEM nor PKCS #12 without a password', storeAgain);
  }
  return readPem(pem);
}

const withItsKey =
  'Import the certificate into Key Vault with its RSA private key, marked as exportable, or have Key Vault make one.';
const storeAgain =
  'Create or import the certificate under Certificates in Key Vault, as PEM or PKCS #12, under the name that DEFENDER_CERTIFICATE_NAME gives.';

/** Without a cause: a parser's sentence may quote what it could not read, which here is a private key. */
function unusable(what: string, nextStep: string): UpstreamError {
  return new UpstreamError(`The certificate in Key Vault ${what}.`, {
    service: 'keyVault',
    failure: 'malformed',
    nextStep,
  });
}
