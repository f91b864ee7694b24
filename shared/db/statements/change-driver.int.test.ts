import { afterAll, beforeAll, expect, test } from 'vitest';
import { driverState } from '#shared/testing/flow-deps.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { commitDriverChange, commitDuty, commitRetirement, commitTokenGrant, createDriver } from './change-driver.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];
let created: ShopCommands['created'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop, created } = commands);
});
afterAll(() => commands.close());

test('a driver’s life', async () => {
  const ran = await createDriver(db, nobody, {
    shop_id: shop,
    external_ref: 'e1',
    name: 'Asha',
    phone: null,
    vehicle: null,
    capacity: 2,
    tags: [],
    shift_ends_at: null,
  });
  if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(JSON.stringify(ran));
  const which = { shop_id: shop, driver_id: ran.result.driver.id };
  expect(ran.result.driver).toMatchObject({ status: 'OFFLINE', load: 0, version: 1 });
  expect(
    await createDriver(db, nobody, {
      shop_id: shop,
      external_ref: 'e1',
      name: 'B',
      phone: null,
      vehicle: null,
      capacity: 1,
      tags: [],
      shift_ends_at: null,
    }),
  ).toMatchObject({ result: { outcome: 'ref_taken' } });
  expect(await commitDuty(db, nobody, { ...which, duty: 'AVAILABLE', contact: true })).toMatchObject({
    result: { outcome: 'changed', driver: { version: 2 } },
  });
  expect(await commitDuty(db, nobody, { ...which, duty: 'AVAILABLE', contact: true })).toMatchObject({
    result: { outcome: 'unchanged' },
  });
  await created(null, [which.driver_id]);
  await created(null, [which.driver_id]);
  expect(await driverState(db, which.driver_id)).toMatchObject({ load: 2, status: 'BUSY' });
  expect(await commitDriverChange(db, nobody, which, { capacity: 1 })).toMatchObject({
    result: { outcome: 'capacity_in_use' },
  });
  expect(await commitDriverChange(db, nobody, which, { capacity: 3, phone: '+49' })).toMatchObject({
    result: { outcome: 'changed', driver: { status: 'AVAILABLE', name: 'Asha', phone: '+49' } },
  });
  expect(await commitRetirement(db, nobody, which)).toMatchObject({ result: { outcome: 'busy' } });
  expect(await commitTokenGrant(db, nobody, { ...which, revoke: true })).toMatchObject({
    result: { outcome: 'granted', token_version: 2 },
  });
});
