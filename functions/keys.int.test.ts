import { expect, test } from 'vitest';
import { readKey } from '#shared/domain/key-text.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;
const keysOf = (shopId: string) => `/v1/shops/${shopId}/keys`;

test('a key is made, listed without its secret, and withdrawn, by the shop’s admin', async () => {
  const path = keysOf(given.shop.shopId);
  const made = await ask('POST', path, { body: { name: 'backend', scopes: ['dispatch'], expiresInS: 3_600 } });
  expect(made.status).toBe(201);
  const { key, ...shown } = made.body;
  expect(Date.parse(shown.expiresAt) - Date.parse(shown.createdAt)).toBe(3_600_000);
  expect(key).toMatch(new RegExp(`^dk_${shown.keyId}_[\\w-]{43}$`));
  const listed = await ask('GET', path);
  expect(listed.body.items).toEqual([{ ...shown, lastUsedAt: null, revokedAt: null }]);
  expect(listed.text).not.toContain(readKey(key)!.secret);
  expect((await ask('DELETE', `${path}/${shown.keyId}`)).status).toBe(204);
  expect((await ask('GET', path)).body.items[0].revokedAt).toEqual(expect.any(String));
  expect((await ask('DELETE', `${path}/nobody`)).status).toBe(404);
});

test('without scopes a key may do everything, as it always could', async () => {
  const { body } = await ask('POST', keysOf(given.shop.shopId), { as: { kind: 'operator' } });
  expect(body).toMatchObject({ scopes: ['admin', 'dispatch', 'read'], expiresAt: null });
});

test('dispatch is the daily work: no settings, no webhook, no keys, no erasure', async () => {
  const { shopId } = given.shop;
  const dispatcher: ShopPrincipal = { ...given.shop, scopes: ['dispatch'] };
  const { driverId } = await driverAt();
  const admin: [string, string, object?][] = [
    ['PATCH', `/v1/shops/${shopId}`, { dispatch: { economy: 1 } }],
    ['PUT', `/v1/shops/${shopId}/webhook`, { url: null }],
    ['POST', keysOf(shopId), {}],
    ['GET', keysOf(shopId)],
    ['DELETE', `${keysOf(shopId)}/k`],
    ['POST', `/v1/drivers/${driverId}/erase`],
  ];
  for (const [method, path, body] of admin) {
    const answer = await ask(method, path, { ...(body && { body }), as: dispatcher });
    expect([method, path, answer.status]).toEqual([method, path, 403]);
  }
  expect((await ask('POST', '/v1/deliveries', { body: order, as: dispatcher })).status).toBe(201);
  expect((await ask('GET', '/v1/drivers', { as: dispatcher })).status).toBe(200);
  const onlyAdmin: ShopPrincipal = { ...given.shop, scopes: ['admin'] };
  expect((await ask('POST', '/v1/deliveries', { body: order, as: onlyAdmin })).status).toBe(201);
});

test('the keys of another shop are unknown', async () => {
  const { body } = await ask('POST', keysOf(given.shop.shopId), { body: {} });
  const stranger: ShopPrincipal = { ...given.shop, shopId: await buildShop(given.deps.db) };
  expect((await ask('GET', keysOf(given.shop.shopId), { as: stranger })).status).toBe(404);
  expect((await ask('DELETE', `${keysOf(given.shop.shopId)}/${body.keyId}`, { as: stranger })).status).toBe(404);
  expect((await ask('DELETE', `${keysOf(stranger.shopId)}/${body.keyId}`, { as: stranger })).status).toBe(404);
  expect((await ask('GET', keysOf(given.shop.shopId))).body.items[0].revokedAt).toBeNull();
});

test('whoever holds a proof is told whose it is', async () => {
  const { body: key } = await ask('POST', keysOf(given.shop.shopId), { body: { name: 'till', scopes: ['dispatch'] } });
  const as: ShopPrincipal = { ...given.shop, keyId: key.keyId, scopes: ['dispatch'] };
  expect((await ask('GET', '/v1/me', { as })).body).toMatchObject({
    kind: 'shop',
    shop: { id: given.shop.shopId },
    scopes: ['dispatch', 'read'],
    key: { id: key.keyId, name: 'till', expiresAt: null },
    driver: null,
  });
  const driver = await driverAt();
  expect((await ask('GET', '/v1/me', { as: driver })).body).toMatchObject({
    kind: 'driver',
    driver: { id: driver.driverId },
    scopes: [],
  });
  expect((await ask('GET', '/v1/me', { as: { kind: 'operator' } })).body).toMatchObject({
    kind: 'operator',
    shop: null,
  });
  expect((await ask('GET', '/v1/me', { as: null })).status).toBe(401);
});
