import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { guardedLookup, isPublicAddress, mayReach, PrivateAddressError } from './private-addresses.ts';

test.each(
  `0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1
   198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1
   0:0:0:0:0:ffff:a9fe:a9fe 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1
   ff02::1 localhost 0x7f000001 2130706433 nonsense`.split(/\s+/),
)('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

const resolving =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const ask = (resolve: LookupFunction, all: boolean) =>
  new Promise((done) =>
    guardedLookup('public', resolve)('shop.example', { all }, (error, address, family) =>
      done(error ?? [address, family]),
    ),
  );

test('one private address among the public ones refuses the name', async () => {
  expect(await ask(resolving('1.1.1.1', '10.0.0.1'), true)).toBeInstanceOf(PrivateAddressError);
  expect(await ask(resolving('::1'), false)).toBeInstanceOf(PrivateAddressError);
});

test('public addresses are given back in the form that was asked for', async () => {
  expect(await ask(resolving('1.1.1.1', '2606:4700::1'), false)).toEqual(['1.1.1.1', 4]);
  expect(await ask(resolving('1.1.1.1'), true)).toEqual([[{ address: '1.1.1.1', family: 4 }], undefined]);
});

test('no address, or a resolver that fails, is an error', async () => {
  expect(await ask(resolving(), true)).toBeInstanceOf(Error);
  const broken: LookupFunction = (_name, _options, callback) => callback(new Error('SERVFAIL'), '', 4);
  expect(await ask(broken, false)).toMatchObject({ message: 'SERVFAIL' });
});

test('this machine alone: loopback, and what is public, no other network', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '1.1.1.1'])
    expect(mayReach(address, 'loopback'), address).toBe(true);
  for (const address of ['10.0.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', 'fe80::1', 'localhost'])
    expect(mayReach(address, 'loopback'), address).toBe(false);
  expect(mayReach('10.0.0.1', 'all')).toBe(true);
  expect(mayReach('127.0.0.1', 'public')).toBe(false);
});
