import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type InboundShop, openInboundShop, STATIC, sha256 } from '#shared/testing/inbound-shop.ts';
import { endpoints } from './index.ts';

let deps: TestDeps;
let shop: InboundShop;
let ask: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
  ask = openAsk(endpoints, deps, null);
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await openInboundShop(deps);
});

describe('the original’s hook', () => {
  const bare = { sellerOrderId: 77, channelId: 1, pickup: HERE, drop: north(200) };
  const documented = {
    event: 'SELLER_ORDER_READY_FOR_DISPATCH_V1',
    version: 1,
    timestamp: '2026-01-01T00:00:00Z',
    sellerOrderId: 'so-1',
    channelId: '2',
    pickup: { stockLocationId: 3, ...HERE, address: { street: 'Torstrasse 1', city: 'Berlin' } },
    drop: { ...north(200), address: 'Torstrasse 2' },
  };
  const secret = { 'x-webhook-secret': STATIC };

  test.each([
    ['bare, with Vendure’s integer ids', bare, { order_ref: '77', channel_id: '1' }],
    [
      'in its documented envelope',
      documented,
      { order_ref: 'so-1', channel_id: '2', pickup: { address: 'Torstrasse 1, Berlin', stockLocationId: '3' } },
    ],
  ])('%s', async (_, body, stored) => {
    const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
    await project(deps, shop.id, [driver!]);
    const answer = await ask('POST', shop.path, { body, headers: secret });
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'ASSIGNED', deliveryId: expect.any(String), message: expect.any(String) },
    });
    expect(await shop.deliveries()).toEqual([expect.objectContaining({ ...stored, driver_id: driver })]);
  });

  test('on its own path, for the default shop', async () => {
    expect((await ask('POST', '/events/seller-order-ready', { body: bare, headers: secret })).status).toBe(401);
    await deps.db.run(
      `INSERT INTO dispatch.shop (slug, name, inbound_static_sha256) VALUES ('default', 'Default', $1)`,
      [sha256(STATIC)],
    );
    // That it was not there is remembered for two seconds.
    await eventually(async () => {
      const answer = await ask('POST', '/events/seller-order-ready', { body: bare, headers: secret });
      expect(answer.status).toBe(202);
    });
  });

  test('latitude 91: 422 that names the field, and nothing is stored', async () => {
    const answer = await ask('POST', shop.path, { body: { ...bare, drop: { lat: 91, lon: 0 } }, headers: secret });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/drop/lat' }] } });
    expect(await shop.deliveries()).toEqual([]);
  });
});
