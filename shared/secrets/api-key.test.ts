import { expect, test } from 'vitest';
import { openApiKeys } from './api-key.ts';

const ONE = 'the first secret of this service, long enough';
const TWO = 'the second secret of this service, long enough';
const keys = openApiKeys({ secret: ONE, previousSecret: null });

test('a key id carries a check value that nobody without the secret can make', () => {
  const { keyId } = keys.make();
  expect(keyId).toMatch(/^[A-Za-z0-9-]{1,64}$/);
  expect(keys.isMarked(keyId)).toBe(true);
  const last = keyId.endsWith('0') ? '1' : '0';
  expect(keys.isMarked(keyId.slice(0, -1) + last)).toBe(false);
  expect(keys.isMarked((keyId.startsWith('0') ? '1' : '0') + keyId.slice(1))).toBe(false);
  expect(openApiKeys({ secret: TWO, previousSecret: null }).isMarked(keyId)).toBe(false);
});

test('after a rotation the ids made before it are still known', () => {
  const { keyId } = keys.make();
  expect(openApiKeys({ secret: TWO, previousSecret: ONE }).isMarked(keyId)).toBe(true);
});

test.each(['', '-', 'a-b', 'default', '0123456789abcdef01234567', '0123456789abcdef01234567-0123456789ab', 'é-ü'])(
  'an id of another making, %j, is not marked',
  (keyId) => expect(keys.isMarked(keyId)).toBe(false),
);

test('secrets are random, and follow from nothing that is kept', () => {
  const made = Array.from({ length: 20 }, () => keys.make().secret);
  expect(new Set(made).size).toBe(20);
  for (const secret of made) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
});

test('a sealed secret opens for its own key id alone, and with the secret of the service alone', () => {
  const made = keys.make();
  const sealed = keys.seal(made);
  expect(sealed).not.toContain(made.secret);
  expect(keys.unseal(made.keyId, sealed)).toBe(made.secret);
  expect(openApiKeys({ secret: TWO, previousSecret: ONE }).unseal(made.keyId, sealed)).toBe(made.secret);
  expect(keys.unseal(keys.make().keyId, sealed)).toBeNull();
  expect(openApiKeys({ secret: TWO, previousSecret: null }).unseal(made.keyId, sealed)).toBeNull();
  expect(keys.unseal(made.keyId, undefined)).toBeNull();
  expect(keys.unseal(made.keyId, 'short')).toBeNull();
});
