import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { changeDelivery } from './change-delivery.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];
let created: ShopCommands['created'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop, created } = commands);
});
afterAll(() => commands.close());

test('coordinates that come later set the search going', async () => {
  const delivery = await created('C1', [], { dropoff_lat: null, dropoff_lon: null });
  const which = { shop_id: shop, delivery_id: delivery.id, order_ref: null };
  expect(
    await changeDelivery(db, nobody, which, { dropoff_lat: 1, dropoff_lon: 2, dropoff: { name: 'Asha' } }),
  ).toMatchObject({
    result: {
      outcome: 'changed',
      delivery: { dispatch: 'searching', version: 2, dropoff: { address: 'there', name: 'Asha' } },
    },
  });
});
