import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import forge from 'node-forge';
import { createCaller, read, startedAt } from './caller.ts';
import { parsePem } from './client-assertion.ts';

const name = 'defender-client-certificate';
const hourMs = 60 * 60 * 1000;

describe('a certificate in Key Vault', () => {
  it('is a secret of the same name: private key, leaf and issuer as PEM', async () => {
    const { readSecret, cloud } = createCaller();
    const { leaf, issuer } = await cloud.administrator.createCertificate({ expiresAt: startedAt + hourMs });
    const secret = await readSecret(name);
    assert.equal(read(secret, 'contentType'), 'application/x-pem-file');
    const pem = read<string>(secret, 'value');
    assert.deepEqual(pem.match(/(?<=BEGIN ).+(?=-----)/g), ['PRIVATE KEY', 'CERTIFICATE', 'CERTIFICATE']);
    const parsed = parsePem(pem);
    assert.ok(parsed.leaf.checkPrivateKey(parsed.privateKey));
    assert.equal(parsed.leaf.fingerprint256, leaf.fingerprint256);
    assert.ok(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey) && issuer.ca && !leaf.ca);
    assert.equal(leaf.validToDate.getTime(), startedAt + hourMs);
    assert.equal(read(secret, 'attributes', 'exp'), (startedAt + hourMs) / 1000);
    assert.equal(read(secret, 'attributes', 'nbf'), leaf.validFromDate.getTime() / 1000);
    assert.equal(read(secret, 'managed'), true);
    assert.equal(read(secret, 'kid'), read<string>(secret, 'id').replace('/secrets/', '/keys/'));
  });

  it('can be a PFX without a password', async () => {
    const { readSecret, cloud } = createCaller();
    const { leaf, issuer, privateKey } = await cloud.administrator.createCertificate({ format: 'pkcs12' });
    const secret = await readSecret(name);
    assert.equal(read(secret, 'contentType'), 'application/x-pkcs12');
    const pfx = Buffer.from(read<string>(secret, 'value'), 'base64');
    assert.ok(createSecureContext({ pfx }));
    const parsed = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(pfx.toString('binary')), '');
    const { certBag = '', pkcs8ShroudedKeyBag = '' } = forge.pki.oids;
    const chain = parsed
      .getBags({ bagType: certBag })
      [certBag]?.map(({ cert }) => cert && forge.pki.certificateToPem(cert));
    assert.deepEqual(
      chain?.map((pem) => new X509Certificate(pem ?? '').fingerprint256),
      [leaf.fingerprint256, issuer.fingerprint256],
    );
    const [bag] = parsed.getBags({ bagType: pkcs8ShroudedKeyBag })[pkcs8ShroudedKeyBag] ?? [];
    assert.ok(bag?.key);
    assert.ok(createPrivateKey(forge.pki.privateKeyToPem(bag.key)).equals(privateKey));
  });

  it('has versions, each with a key of its own', async () => {
    const { readSecret, cloud } = createCaller();
    const { administrator, world } = cloud;
    const [first, second] = [await administrator.createCertificate(), await administrator.createCertificate()];
    assert.ok(!first.privateKey.equals(second.privateKey));
    assert.ok(parsePem(read(await readSecret(name), 'value')).privateKey.equals(second.privateKey));
    assert.equal(world.vault.secrets.get(name)?.length, 2);
  });

  it('can lack its key, or be malformed', async () => {
    const { readSecret, cloud } = createCaller();
    const { administrator } = cloud;
    await administrator.createCertificate({ format: 'withoutKey' });
    const pem = read<string>(await readSecret(name), 'value');
    assert.ok(new X509Certificate(pem));
    assert.ok(!pem.includes('PRIVATE KEY'));
    administrator.putSecret(name, 'no certificate', 'application/x-pkcs12');
    const secret = await readSecret(name);
    assert.equal(read(secret, 'value'), 'no certificate');
    assert.equal(read(secret, 'contentType'), 'application/x-pkcs12');
  });
});
