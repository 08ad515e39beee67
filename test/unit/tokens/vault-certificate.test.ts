import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { UpstreamError } from '../../../shared/errors.ts';
import { parseVaultCertificate } from '../../../shared/tokens/vault-certificate.ts';
import { chainToPem, issueCertificate, toPem, toPkcs12 } from '../../sandbox/certificate.ts';

const source = {
  name: 'app-certificate',
  vaultUrl: 'https://contoso.vault.azure.net',
  setting: 'DEFENDER_CERTIFICATE_NAME',
};
const expiresAt = Date.parse('2027-05-19T00:00:00Z');
const issue = () => issueCertificate({ subject: 'contoso', startsAt: Date.parse('2026-11-20T00:00:00Z'), expiresAt });
const certificate = await issue();
const { leaf, issuer } = certificate;
const another = await issue();
const pkcs12 = await toPkcs12(certificate);
const keyPem = certificate.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const blocks = (pem: string) => pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
const fingerprints = (pem: string) =>
  blocks(pem)
    .slice(1)
    .map((block) => new X509Certificate(block).fingerprint256);

async function refusalOf(value: string): Promise<UpstreamError> {
  try {
    await parseVaultCertificate(value, source);
  } catch (error) {
    assert.ok(error instanceof UpstreamError);
    return error;
  }
  return assert.fail('It was read');
}

describe('a certificate of Key Vault', () => {
  const pkcs1 = certificate.privateKey.export({ type: 'pkcs1', format: 'pem' });
  const given = {
    PEM: toPem(certificate),
    'PEM with the key last and the issuer first': `${issuer}${leaf}${keyPem}`,
    'PEM with Windows line ends and the attributes of a bag': `Bag Attributes\r\n${toPem(certificate).replaceAll('\n', '\r\n')}`,
    'PEM with a PKCS #1 key': `${pkcs1}${chainToPem(certificate)}`,
    'PKCS #12': pkcs12,
  };
  for (const [what, value] of Object.entries(given)) {
    it(`is parsed: ${what}`, async () => {
      const { pem, expiresAt: until } = await parseVaultCertificate(value, source);
      assert.equal(until, expiresAt);
      assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n/);
      assert.deepEqual(fingerprints(pem), [leaf.fingerprint256, issuer.fingerprint256]);
    });
  }

  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const refused = {
    'no private key': [chainToPem(certificate), /has no private key/],
    'the private key of another certificate': [`${keyPem}${another.leaf}`, /does not belong/],
    'an elliptic-curve key': [`${elliptic.privateKey.export({ type: 'pkcs8', format: 'pem' })}${leaf}`, /no RSA key/],
    'a truncated key': [toPem(certificate).replace(/(?<=PRIVATE KEY-----\n)[^\n]+\n/, ''), /is not valid PEM/],
    'other text': ['correct-horse', /neither PEM nor PKCS #12/],
    'truncated PKCS #12': [pkcs12.slice(0, 900), /neither PEM nor PKCS #12/],
  } as const;
  for (const [what, [value, meaning]] of Object.entries(refused)) {
    it(`is rejected with advice: ${what}`, async () => {
      const { message, nextStep, upstream, failure } = await refusalOf(value);
      assert.match(message, meaning);
      assert.ok(nextStep);
      assert.deepEqual([upstream.service, failure], ['keyVault', 'malformed']);
    });
  }

  it('keeps the key out of errors', async () => {
    const line = keyPem.split('\n')[5] ?? assert.fail('The key is shorter than that');
    for (const value of [toPem(certificate).replace('\n', '\nx'), `${keyPem}${issuer}`]) {
      const error = await refusalOf(value);
      assert.ok(!inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }).includes(line));
    }
  });
});
