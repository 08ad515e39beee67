import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, test } from 'node:test';
import { createGuardedLookup, isPublicAddress, PrivateAddressError } from '../../../shared/outbound/guarded-lookup.ts';

const ofNobody = [
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
const ofSomebody = [
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '169.253.0.1',
  '20.37.158.1',
  '2603:1020::1',
  '2a00:1450::1',
];

describe('an address', () => {
  for (const address of ofNobody)
    test(`${address} is not public`, () =>
      assert.equal(isPublicAddress(address, address.includes(':') ? 6 : 4), false));
  for (const address of ofSomebody)
    test(`${address} is public`, () => assert.equal(isPublicAddress(address, address.includes(':') ? 6 : 4), true));
});

/** What a connection is told, where a name has these addresses. */
function look(addresses: string[], { all = false, trusted = '' } = {}): Promise<unknown> {
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const lookup = createGuardedLookup(
    (hostname) => hostname === trusted,
    (_name, _options, callback) => callback(null, found),
  );
  return new Promise((resolve, reject) =>
    lookup('hooks.contoso.com', { all }, (error, address) => (error ? reject(error) : resolve(address))),
  );
}

describe('a name', () => {
  test('leads to where it leads when that is public', async () => {
    assert.equal(await look(['8.8.8.8']), '8.8.8.8');
    assert.deepEqual(await look(['8.8.8.8', '2603:1020::1'], { all: true }), [
      { address: '8.8.8.8', family: 4 },
      { address: '2603:1020::1', family: 6 },
    ]);
  });

  test('is refused when one of its addresses is not', async () => {
    for (const all of [true, false]) await assert.rejects(look(['8.8.8.8', '10.0.0.1'], { all }), PrivateAddressError);
    await assert.rejects(look([]), PrivateAddressError);
  });

  test('of the proxy may lead anywhere', async () => {
    assert.equal(await look(['127.0.0.1'], { trusted: 'hooks.contoso.com' }), '127.0.0.1');
  });
});
