import { expect, test } from 'vitest';
import { callerAddress } from './caller-address.ts';

const via = (...addresses: string[]) => ({ 'x-forwarded-for': addresses.join(', ') });

test.each([
  ['203.0.113.9', {}, 0, '203.0.113.9'],
  ['::ffff:203.0.113.9', {}, 0, '203.0.113.9'],
  // Whoever asks directly may write what they like.
  ['203.0.113.9', via('198.51.100.1'), 0, '203.0.113.9'],
  // A proxy that nobody told us of: its callers are not one.
  ['127.0.0.1', via('198.51.100.1'), 0, null],
  ['10.1.2.3', via('198.51.100.1'), 0, null],
  ['127.0.0.1', {}, 0, '127.0.0.1'],
  ['10.0.0.1', via('6.6.6.6', '198.51.100.1'), 1, '198.51.100.1'],
  ['10.0.0.1', via('6.6.6.6', '198.51.100.1', '10.0.0.2'), 2, '198.51.100.1'],
  ['10.0.0.1', {}, 1, null],
  ['2001:db8:1:2:3:4:5:6', {}, 0, '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', {}, 0, '2001:db8:1:2::/64'],
  ['2001:db8::9', {}, 0, '2001:db8:0:0::/64'],
  ['::1', {}, 0, '0:0:0:0::/64'],
  [undefined, {}, 0, null],
])('%s with %j behind %i proxies is %s', (remote, headers, proxies, expected) => {
  expect(callerAddress(remote, headers, proxies)).toBe(expected);
});
