import { type LookupAddress, type LookupOptions, lookup as lookUp } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';

/** Addresses that are not public: https://www.iana.org/assignments/iana-ipv4-special-registry. */
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
  // Azure's virtual public IP address, which serves every virtual machine.
  ['168.63.129.16', 32],
] as const) {
  special.addSubnet(network, prefix, 'ipv4');
}

/** Public IPv6 addresses. Those that embed an IPv4 address are refused. */
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

/** Whether an address is on the internet, rather than on this machine, its network or its platform. */
export function isPublicAddress(address: string, family: number): boolean {
  if (family === 4) return !special.check(address, 'ipv4');
  return publicV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
}

/** A host name resolves to an address that callers must not reach through the app. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'EPRIVATEADDRESS';

  constructor() {
    super('The host name resolves to an address that is not public');
  }
}

type LookUpAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves the host name of a connection and refuses it if one of its addresses is not public. The connection uses the addresses that were
 * checked. Trusted names, such as the proxy's, may have any address.
 */
export function createGuardedLookup(
  isTrusted: (hostname: string) => boolean,
  lookUpAll: LookUpAll = lookUp,
): LookupFunction {
  return (hostname, options, callback) =>
    lookUpAll(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || first === undefined) return callback(error ?? new PrivateAddressError(), '');
      const isAllowed =
        isTrusted(hostname) || addresses.every(({ address, family }) => isPublicAddress(address, family));
      if (!isAllowed) return callback(new PrivateAddressError(), '');
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
}
