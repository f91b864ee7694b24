import { describe, expect, test } from 'vitest';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order, rowCounts } from '#shared/testing/asking-shop.ts';
import { buildShop, HERE, north } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

describe('who may ask', () => {
  test('another shop’s driver and delivery are unknown, whatever is tried', async () => {
    const { driverId } = await driverAt();
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    const stranger: ShopPrincipal = { ...given.shop, shopId: await buildShop(given.deps.db) };
    const tries: [string, string, object?][] = [
      ['GET', `/v1/drivers/${driverId}`],
      ['PATCH', `/v1/drivers/${driverId}`, { name: 'x' }],
      ['DELETE', `/v1/drivers/${driverId}`],
      ['POST', `/v1/drivers/${driverId}/tokens`, {}],
      ['PUT', `/v1/drivers/${driverId}/status`, { status: 'OFFLINE' }],
      ['GET', `/v1/drivers/${driverId}/status`],
      ['POST', `/v1/drivers/${driverId}/location`, HERE],
      ['POST', `/v1/drivers/${driverId}/heartbeat`],
      ['GET', `/v1/deliveries/${delivery.id}`],
      ['POST', `/v1/deliveries/${delivery.id}/status`, { status: 'PICKED_UP' }],
      ['POST', `/v1/deliveries/${delivery.id}/assign`, {}],
      ['POST', `/v1/deliveries/${delivery.id}/unassign`, {}],
      ['POST', `/v1/deliveries/${delivery.id}/cancel`, {}],
      ['PATCH', `/v1/deliveries/${delivery.id}`, { notes: 'x' }],
      ['PUT', `/v1/shops/${given.shop.shopId}/webhook`, { url: null }],
    ];
    const counts = await rowCounts(given.deps.db);
    for (const [method, path, body] of tries) {
      const answer = await ask(method, path, { ...(body && { body }), as: stranger });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    expect(await rowCounts(given.deps.db)).toEqual(counts);
    expect((await ask('GET', '/v1/deliveries', { as: stranger })).body.items).toEqual([]);
    expect((await ask('GET', '/v1/drivers', { as: stranger })).body.items).toEqual([]);
    expect((await ask('GET', '/v1/drivers/nearest?lat=52.5291&lon=13.4013', { as: stranger })).body.drivers).toEqual(
      [],
    );
  });

  test('a driver: themselves and what they carry, nothing else', async () => {
    const [mine, other] = [await driverAt(), await driverAt(north(5_000))];
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    expect(delivery.driverId).toBe(mine.driverId);
    expect((await ask('GET', `/v1/deliveries/${delivery.id}`, { as: mine })).status).toBe(200);
    expect((await ask('GET', `/v1/deliveries/${delivery.id}`, { as: other })).status).toBe(404);
    expect((await ask('GET', '/v1/deliveries', { as: other })).body.items).toEqual([]);
    expect(
      (await ask('POST', `/v1/deliveries/${delivery.id}/status`, { body: { status: 'PICKED_UP' }, as: other })).status,
    ).toBe(404);
    expect(
      (await ask('PUT', `/v1/drivers/${mine.driverId}/status`, { body: { status: 'BUSY' }, as: other })).status,
    ).toBe(404);
    expect((await ask('GET', '/v1/drivers', { as: mine })).status).toBe(403);
    expect((await ask('POST', '/v1/deliveries', { body: order, as: mine })).status).toBe(403);
  });

  test('reading scope reads; nobody gets 401; a shop makes no shops; the operator sees no drivers', async () => {
    const reader: ShopPrincipal = { ...given.shop, scopes: ['read'] };
    expect((await ask('GET', '/v1/drivers', { as: reader })).status).toBe(200);
    expect((await ask('POST', '/v1/drivers', { body: { name: 'x' }, as: reader })).status).toBe(403);
    expect((await ask('GET', '/v1/drivers', { as: null })).status).toBe(401);
    expect((await ask('POST', '/v1/shops', { body: { slug: 'x', name: 'x' } })).status).toBe(403);
    expect((await ask('GET', '/v1/drivers', { as: { kind: 'operator' } })).status).toBe(403);
  });
});
