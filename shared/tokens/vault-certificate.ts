import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { UpstreamError } from '../errors.ts';
import type { VaultSecretName } from './step-error.ts';

interface ParsedCertificate {
  /** The private key (PKCS #8), the certificate, and its chain. */
  pem: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/**
 * Parses a certificate with its private key as Key Vault returns it: PEM, or PKCS #12 in base64 with an empty password.
 * @throws {UpstreamError} of `keyVault` for other content, or if no certificate belongs to the private key.
 */
export async function parseVaultCertificate(value: string, source: VaultSecretName): Promise<ParsedCertificate> {
  const pemText = value.includes('-----BEGIN') ? value : await readPkcs12(value, source);
  const { keys, certificates } = readPem(pemText, source);
  const key = keys[0];
  if (key === undefined) throw unusable(source, 'has no private key', withKey);
  if (key.asymmetricKeyType !== 'rsa') throw unusable(source, 'has no RSA key, which Entra requires', withKey);
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (leaf === undefined) throw unusable(source, 'does not belong to its private key', withKey);
  const chain = certificates.filter((certificate) => certificate !== leaf);
  const pem = [key.export({ type: 'pkcs8', format: 'pem' }), leaf, ...chain].join('\n');
  return { pem, expiresAt: Date.parse(leaf.validTo) };
}

interface Parts {
  keys: KeyObject[];
  certificates: X509Certificate[];
}

const pemBlock = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;

function readPem(text: string, source: VaultSecretName): Parts {
  const parts: Parts = { keys: [], certificates: [] };
  for (const [block, label = ''] of text.matchAll(pemBlock)) {
    try {
      if (label.endsWith('PRIVATE KEY')) parts.keys.push(createPrivateKey(block));
      if (label === 'CERTIFICATE') parts.certificates.push(new X509Certificate(block));
    } catch {
      throw unusable(source, 'is not valid PEM', storeAgain);
    }
  }
  return parts;
}

async function readPkcs12(base64: string, source: VaultSecretName): Promise<string> {
  const { toPem } = await import('./pkcs12.ts');
  try {
    return toPem(Buffer.from(base64, 'base64'));
  } catch {
    throw unusable(source, 'is neither PEM nor PKCS #12 without a password', storeAgain);
  }
}

const withKey = 'Import the certificate with its RSA private key, marked as exportable, or have Key Vault create it';
const storeAgain = 'Create or import the certificate under Certificates, as PEM or PKCS #12';

/** Without a cause: a parser's message may quote its input, here a private key. */
function unusable({ name, vaultUrl, setting }: VaultSecretName, problem: string, advice: string): UpstreamError {
  return new UpstreamError(`The certificate ${name} in ${vaultUrl} ${problem}.`, {
    service: 'keyVault',
    failure: 'malformed',
    nextStep: `${advice}, as ${name} in ${vaultUrl} (setting ${setting}).`,
  });
}
