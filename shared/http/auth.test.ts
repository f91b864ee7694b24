import { expect, test } from 'vitest';
import { type AuthSources, openAuthenticate, sha256 } from './auth.ts';
import { bearerOf, mayAsk, type Principal } from './principal.ts';

const OPERATOR_KEY = 'an-operator-key-of-24-letters';
const claims = { driverId: 'd', shopId: 's', tokenVersion: 2, shopTokenVersion: 3 };

function opened(change: Partial<AuthSources> = {}) {
  return openAuthenticate({
    operatorKey: OPERATOR_KEY,
    tokens: { verify: async (token) => (token === 'good.driver.token' ? claims : null) },
    findApiKey: async (keyId) =>
      keyId === 'k1' ? { shopId: 's', keyId, secretSha256: sha256('secret_of_16_letters'), scopes: ['read'] } : null,
    findTokenVersions: async () => ({ tokenVersion: 2, shopTokenVersion: 3 }),
    ...change,
  });
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('each proof is known for what it is', async () => {
  const authenticate = opened();
  expect(await authenticate(bearer(OPERATOR_KEY))).toEqual({ kind: 'operator' });
  expect(await authenticate(bearer('dk_k1_secret_of_16_letters'))).toEqual({
    kind: 'shop',
    shopId: 's',
    keyId: 'k1',
    scopes: ['read'],
  });
  expect(await authenticate(bearer('good.driver.token'))).toEqual({ kind: 'driver', shopId: 's', driverId: 'd' });
});

test.each([
  '',
  'wrong',
  `${OPERATOR_KEY}x`,
  'dk_k1_secret_of_16_letterS',
  'dk_k2_secret_of_16_letters',
  'dk_k1_',
  'dk_',
  'bad.driver.token',
])('"%s" is nobody', async (token) => {
  expect(await opened()(bearer(token))).toBeNull();
});

test('without an operator key nobody is the operator', async () => {
  expect(await opened({ operatorKey: null })(bearer(OPERATOR_KEY))).toBeNull();
});

test('a raised version, of the driver or of the shop, or a driver who is gone, withdraws the token', async () => {
  for (const versions of [{ tokenVersion: 3, shopTokenVersion: 3 }, { tokenVersion: 2, shopTokenVersion: 4 }, null]) {
    expect(await opened({ findTokenVersions: async () => versions })(bearer('good.driver.token'))).toBeNull();
  }
});

test('a stored hash that is broken matches nothing', async () => {
  const findApiKey: AuthSources['findApiKey'] = async (keyId) => ({
    shopId: 's',
    keyId,
    secretSha256: '',
    scopes: ['read'],
  });
  expect(await opened({ findApiKey })(bearer('dk_k1_secret_of_16_letters'))).toBeNull();
});

test('bearer tokens are read strictly', () => {
  expect(bearerOf({ authorization: 'bearer  abc ' })).toBe('abc');
  for (const authorization of ['abc', 'Basic abc', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(5_000)}`]) {
    expect(bearerOf({ authorization })).toBeNull();
  }
  expect(bearerOf({})).toBeNull();
});

test('dispatch includes read; read does not include dispatch; kinds do not mix', () => {
  const shop = (...scopes: ('dispatch' | 'read')[]): Principal => ({ kind: 'shop', shopId: 's', keyId: 'k', scopes });
  expect(mayAsk(shop('dispatch'), ['shop:read'])).toBe(true);
  expect(mayAsk(shop('dispatch'), ['shop:dispatch'])).toBe(true);
  expect(mayAsk(shop('read'), ['shop:dispatch'])).toBe(false);
  expect(mayAsk(shop(), ['shop:read', 'shop:dispatch'])).toBe(false);
  expect(mayAsk(shop('dispatch'), ['operator', 'driver'])).toBe(false);
  expect(mayAsk({ kind: 'operator' }, ['shop:dispatch', 'driver'])).toBe(false);
  expect(mayAsk({ kind: 'driver', shopId: 's', driverId: 'd' }, ['driver'])).toBe(true);
});
