import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/** The name leads to an address inside somebody's network; nothing was connected to. */
export class PrivateAddressError extends Error {
  constructor() {
    super('The address is private, loopback, link-local or otherwise not public');
    this.name = 'PrivateAddressError';
  }
}

/**
 * Everything that is not a public unicast address: the IANA special-purpose registries for IPv4 and IPv6, which hold
 * loopback, private, carrier, link-local (169.254.169.254 gives out a cloud's credentials) and multicast ranges, and
 * the IPv6 ranges that lead back into IPv4 (NAT64, 6to4, Teredo).
 */
const NOT_PUBLIC = (() => {
  const list = new BlockList();
  const add = (family: 'ipv4' | 'ipv6', ranges: string): void => {
    for (const range of ranges.split(' ')) {
      const [network = '', prefix] = range.split('/');
      list.addSubnet(network, Number(prefix), family);
    }
  };
  add('ipv4', '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24');
  add('ipv4', '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4');
  add('ipv6', '::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16');
  add('ipv6', 'fc00::/7 fe80::/9 ff00::/8');
  return list;
})();

/** Whether a numeric address may be called: `false` for anything that is not a public unicast address, or no address. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (!isIPv6(address)) return !NOT_PUBLIC.check(address, 'ipv4');
  const embedded = mappedIpv4(address);
  return embedded === null ? !NOT_PUBLIC.check(address, 'ipv6') : !NOT_PUBLIC.check(embedded, 'ipv4');
}

const LOOPBACK = (() => {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addAddress('::1', 'ipv6');
  return list;
})();

/** What may be called: public addresses, those and this machine, or all there are. */
export type Reach = 'public' | 'loopback' | 'all';

export function mayReach(address: string, reach: Reach): boolean {
  if (reach === 'all' || isPublicAddress(address)) return true;
  return reach === 'loopback' && isIP(address) !== 0 && LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** `::ffff:a.b.c.d`, in whichever spelling, is a.b.c.d. */
function mappedIpv4(address: string): string | null {
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname;
  const [, high = '', low = ''] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(canonical) ?? [];
  if (high === '') return null;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/**
 * A `lookup` for node:http(s) that fails with PrivateAddressError unless every address of the name may be called. It is
 * asked for the very connection that is then made, so a name that changes its address in between gains nothing.
 *
 * @param resolve for tests; the system's resolver unless given
 */
export function guardedLookup(reach: Reach, resolve: LookupFunction = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses: LookupAddress[] = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error || !first) callback(error ?? new Error('No address'), '', 4);
      else if (!addresses.every(({ address }) => mayReach(address, reach))) callback(new PrivateAddressError(), '', 4);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
