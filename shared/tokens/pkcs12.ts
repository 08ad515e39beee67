import forge from 'node-forge';

/**
 * The private keys and certificates of a PKCS #12 file without a password, as PEM. Key Vault encrypts such files with triple DES, which
 * WebCrypto and Node's crypto module do not support.
 * @throws {Error} for other content.
 */
export function toPem(file: Buffer): string {
  const { asn1, pki, pkcs12 } = forge;
  const contents = pkcs12.pkcs12FromAsn1(asn1.fromDer(forge.util.createBuffer(file.toString('binary'))), false, '');
  const bags = contents.safeContents.flatMap(({ safeBags }) => safeBags);
  return bags
    .map(({ key, cert }) => {
      if (key) return pki.privateKeyInfoToPem(pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)));
      return cert ? pki.certificateToPem(cert) : '';
    })
    .join('');
}
