import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readKey, writeKey } from './key-text.ts';

const keyId = fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/);
const secret = fc.stringMatching(/^[A-Za-z0-9_-]{16,128}$/);

test('what is written is read again, whatever letters the secret has', () => {
  fc.assert(
    fc.property(fc.record({ keyId, secret }, { noNullPrototype: true }), (parts) => {
      expect(readKey(writeKey(parts))).toEqual(parts);
    }),
  );
  expect(readKey('dk_k1__secret_that_begins_so_')).toEqual({ keyId: 'k1', secret: '_secret_that_begins_so_' });
});

test.each([
  '',
  'dk_',
  'dk_k1',
  'dk_k1_',
  'dk_k1_fifteen-letters',
  `dk_k1_${'x'.repeat(129)}`,
  `dk_${'k'.repeat(65)}_sixteen-letters-`,
  'dk_k 1_sixteen-letters-',
  ' dk_k1_sixteen-letters-',
  'xdk_k1_sixteen-letters-',
])('%s is no key', (text) => {
  expect(readKey(text)).toBeNull();
});
