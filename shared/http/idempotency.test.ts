import { expect, test } from 'vitest';
import { readClaim, replayed, requestHash } from './idempotency.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';

const shop: Principal = { kind: 'shop', shopId: 's', keyId: 'k', scopes: ['dispatch'] };
const request = (key: string | undefined, method = 'POST') => ({
  method,
  path: '/v1/deliveries',
  headers: key === undefined ? {} : { 'idempotency-key': key },
  body: Buffer.from('{}'),
});

test('a claim has its owner, its key and the hash of what was asked', () => {
  expect(readClaim(request('abc'), shop)).toEqual({
    scope: 'shop:s',
    key: 'abc',
    requestSha256: requestHash('POST', '/v1/deliveries', Buffer.from('{}')),
  });
  expect(readClaim(request('abc'), { kind: 'operator' })?.scope).toBe('operator');
  expect(readClaim(request('abc'), { kind: 'driver', shopId: 's', driverId: 'd' })?.scope).toBe('driver:d');
});

test('no key, a reading method, or nobody: no claim', () => {
  expect(readClaim(request(undefined), shop)).toBeNull();
  expect(readClaim(request('abc', 'GET'), shop)).toBeNull();
  expect(readClaim(request('abc'), null)).toBeNull();
});

test.each(['', ' ', 'a b', 'ä', 'a\tb', 'x'.repeat(256)])('the key "%s" is refused by pointer', (key) => {
  try {
    readClaim(request(key), shop);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).extra.errors).toMatchObject([{ pointer: '/headers/idempotency-key' }]);
  }
});

test('the hash tells method, path and body apart', () => {
  const hashes = [
    requestHash('POST', '/a', Buffer.from('b')),
    requestHash('PUT', '/a', Buffer.from('b')),
    requestHash('POST', '/ab', Buffer.from('')),
    requestHash('POST', '/a', Buffer.from('b ')),
  ];
  expect(new Set(hashes).size).toBe(4);
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
});

test('a replayed answer says so', () => {
  expect(replayed({ location: '/x' })).toEqual({ location: '/x', 'idempotent-replayed': 'true' });
});
