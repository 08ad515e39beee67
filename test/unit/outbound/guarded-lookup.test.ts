import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, test } from 'node:test';
import { createGuardedLookup, isPublicAddress, PrivateAddressError } from '../../../shared/outbound/guarded-lookup.ts';

const notPublic = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '168.63.129.16',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd12:3456::1',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  '2001:db8::1',
];
const onTheInternet = [
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '169.253.0.1',
  '20.37.158.1',
  '2603:1020::1',
  '2a00:1450::1',
];

describe('isPublicAddress', () => {
  for (const address of notPublic)
    test(`is false for ${address}`, () => assert.equal(isPublicAddress(address, address.includes(':') ? 6 : 4), false));
  for (const address of onTheInternet)
    test(`is true for ${address}`, () => assert.equal(isPublicAddress(address, address.includes(':') ? 6 : 4), true));
});

/** The result of a lookup of a name with these addresses. */
function lookUp(addresses: string[], { all = false, trusted = '' } = {}): Promise<unknown> {
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const lookup = createGuardedLookup(
    (hostname) => hostname === trusted,
    (_name, _options, callback) => callback(null, found),
  );
  return new Promise((resolve, reject) =>
    lookup('hooks.contoso.com', { all }, (error, address) => (error ? reject(error) : resolve(address))),
  );
}

describe('the guarded lookup', () => {
  test('returns addresses that are public', async () => {
    assert.equal(await lookUp(['8.8.8.8']), '8.8.8.8');
    assert.deepEqual(await lookUp(['8.8.8.8', '2603:1020::1'], { all: true }), [
      { address: '8.8.8.8', family: 4 },
      { address: '2603:1020::1', family: 6 },
    ]);
  });

  test('fails when one address of the name is not public, or there is none', async () => {
    for (const all of [true, false])
      await assert.rejects(lookUp(['8.8.8.8', '10.0.0.1'], { all }), PrivateAddressError);
    await assert.rejects(lookUp([]), PrivateAddressError);
  });

  test('returns any address of the proxy', async () => {
    assert.equal(await lookUp(['127.0.0.1'], { trusted: 'hooks.contoso.com' }), '127.0.0.1');
  });
});
