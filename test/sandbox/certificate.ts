import { generateKeyPairSync, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import type { pki } from 'node-forge';

/** A leaf with its private key, and the certificate authority that issued it. */
export interface Certificate {
  /** The public part, as an app registration has it. */
  readonly leaf: X509Certificate;
  readonly issuer: X509Certificate;
  readonly privateKey: KeyObject;
}

interface CertificateDescription {
  readonly subject: string;
  readonly startsAt: number;
  readonly expiresAt: number;
}

interface Authority {
  readonly certificate: pki.Certificate;
  readonly privateKey: pki.rsa.PrivateKey;
}

/** One for all clouds of the process, valid for every clock in use. */
let authority: Promise<Authority> | undefined;

/** A new certificate with a key of its own. Neither the library nor the authority exists until the first is wanted. */
export async function issueCertificate(description: CertificateDescription): Promise<Certificate> {
  authority ??= createAuthority();
  const issuer = await authority;
  const { pki } = await loadForge();
  const { certificate, privateKey } = await createCertificate(description, [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true, serverAuth: true },
  ]);
  await sign(certificate, issuer);
  return {
    leaf: new X509Certificate(pki.certificateToPem(certificate)),
    issuer: new X509Certificate(pki.certificateToPem(issuer.certificate)),
    privateKey,
  };
}

/** The chain, leaf first. */
export function chainToPem({ leaf, issuer }: Certificate): string {
  return `${leaf}${issuer}`;
}

/** Private key (PKCS#8) and chain. */
export function toPem(certificate: Certificate): string {
  return `${certificate.privateKey.export({ type: 'pkcs8', format: 'pem' })}${chainToPem(certificate)}`;
}

/** Private key and chain as the base64 of a PFX without a password. */
export async function toPkcs12({ leaf, issuer, privateKey }: Certificate): Promise<string> {
  const { asn1, pkcs12, pki } = await loadForge();
  const chain = [leaf, issuer].map((certificate) => pki.certificateFromPem(certificate.toString()));
  const key = pki.privateKeyFromPem(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  const pfx = pkcs12.toPkcs12Asn1(key, chain, '', { algorithm: '3des' });
  return Buffer.from(asn1.toDer(pfx).getBytes(), 'binary').toString('base64');
}

async function createAuthority(): Promise<Authority> {
  const { pki } = await loadForge();
  const description = {
    subject: 'Sandbox Issuing CA',
    startsAt: Date.parse('2000-01-01T00:00:00Z'),
    expiresAt: Date.parse('2049-12-31T23:59:59Z'),
  };
  const { certificate, privateKey } = await createCertificate(description, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const created = { certificate, privateKey: pki.privateKeyFromPem(pem) };
  await sign(certificate, created);
  return created;
}

async function createCertificate({ subject, startsAt, expiresAt }: CertificateDescription, extensions: object[]) {
  const { pki } = await loadForge();
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  // Positive, and without a leading zero that DER does not allow.
  certificate.serialNumber = `01${randomBytes(16).toString('hex')}`;
  certificate.validity.notBefore = new Date(startsAt);
  certificate.validity.notAfter = new Date(expiresAt);
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setExtensions([...extensions, { name: 'subjectKeyIdentifier' }]);
  return { certificate, privateKey: pair.privateKey };
}

async function sign(certificate: pki.Certificate, issuer: Authority): Promise<void> {
  const { md } = await loadForge();
  certificate.setIssuer(issuer.certificate.subject.attributes);
  certificate.sign(issuer.privateKey, md.sha256.create());
}

async function loadForge() {
  const { default: forge } = await import('node-forge');
  return forge;
}
