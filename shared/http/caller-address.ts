import { isIPv6 } from 'node:net';
import type { HttpHeaders } from './problem.ts';

/** Loopback, private and link-local networks: where a proxy of ours may stand. */
const NEAR = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe[89ab])/i;

/**
 * The address a request comes from, as far as it can be told. Each of `trustedProxies` has added who it was asked by to
 * the end of `X-Forwarded-For`; what stands before these entries anybody may have written.
 * @returns null where a proxy stands before us that the settings do not know of: all its callers would be one. An IPv6
 * address as its network of 64 bits, which is what one customer of a provider has
 */
export function callerAddress(
  remoteAddress: string | undefined,
  headers: HttpHeaders,
  trustedProxies: number,
): string | null {
  if (remoteAddress === undefined) return null;
  const direct = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
  const forwarded = headers['x-forwarded-for'];
  if (trustedProxies === 0) return forwarded !== undefined && NEAR.test(direct) ? null : networkOf(direct);
  const entries = forwarded?.split(',').map((entry) => entry.trim()) ?? [];
  const told = entries.at(-trustedProxies);
  return told === undefined || told === '' ? null : networkOf(told.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 45));
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  const first = [...before, ...middle, ...after].slice(0, 4);
  return `${first.map((part) => part.replace(/^0+(?=.)/, '').toLowerCase()).join(':')}::/64`;
}
