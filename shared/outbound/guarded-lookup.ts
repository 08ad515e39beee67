import { type LookupAddress, type LookupOptions, lookup as lookUp } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';

/** Addresses that are nobody's in the internet: https://www.iana.org/assignments/iana-ipv4-special-registry and its twin for IPv6. */
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The address of Azure's own services on each of its machines.
  ['168.63.129.16', 32],
] as const) {
  special.addSubnet(network, prefix, 'ipv4');
}

/** All that is public in IPv6. What stands in it for an IPv4 address is refused altogether. */
const publicV6 = new BlockList();
publicV6.addSubnet('2000::', 3, 'ipv6');
const specialV6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  specialV6.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address leads to a machine in the internet, rather than to this one, its network or its platform. */
export function isPublicAddress(address: string, family: number): boolean {
  if (family === 4) return !special.check(address, 'ipv4');
  return publicV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
}

/** A name leads to where nobody from outside may send us. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'EPRIVATEADDRESS';

  constructor() {
    super('The name leads to an address that is not public');
  }
}

type LookUpAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Finds the addresses of a name for a connection that is about to be made, and refuses the name if one of them is not public. The
 * connection is made to what was checked. A proxy's own name is looked up by whoever set it.
 */
export function createGuardedLookup(
  isTrusted: (hostname: string) => boolean,
  lookUpAll: LookUpAll = lookUp,
): LookupFunction {
  return (hostname, options, callback) =>
    lookUpAll(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || first === undefined) return callback(error ?? new PrivateAddressError(), '');
      const isIdempotent =
        isTrusted(hostname) || addresses.every(({ address, family }) => isPublicAddress(address, family));
      if (!isIdempotent) return callback(new PrivateAddressError(), '');
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
}
