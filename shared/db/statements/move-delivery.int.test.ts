import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { commitMove } from './move-delivery.ts';
import { selectDelivery } from './reads.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];
let created: ShopCommands['created'];
let move: ShopCommands['move'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop, created, move } = commands);
});
afterAll(() => commands.close());

describe('move', () => {
  const path: readonly DeliveryStatus[] = ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED'];
  test('to the door and the driver is free again', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null, [driver!]);
    for (const to of path) {
      expect(await commitMove(db, nobody, move(delivery.id, to))).toMatchObject({ result: { outcome: 'moved' } });
    }
    expect(await driverState(db, driver!)).toMatchObject({ load: 0, status: 'AVAILABLE' });
    expect(await commitMove(db, nobody, move(delivery.id, 'DELIVERED'))).toMatchObject({
      result: { outcome: 'unchanged' },
    });
    expect(await commitMove(db, nobody, move(delivery.id, 'CANCELLED'))).toMatchObject({
      result: { outcome: 'illegal', previous: 'DELIVERED' },
    });
    const read = await selectDelivery(db, shop, delivery.id, null);
    expect(read?.events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('twenty times delivered at once: once', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE], { capacity: 3 });
    const delivery = await created(null, [driver!]);
    await commitMove(db, nobody, move(delivery.id, 'PICKED_UP'));
    const ran = await Promise.all(
      Array.from({ length: 20 }, () => commitMove(db, nobody, move(delivery.id, 'DELIVERED'))),
    );
    expect(ran.filter((each) => each.kind === 'done' && each.result.outcome === 'moved')).toHaveLength(1);
    expect(await driverState(db, driver!)).toMatchObject({ load: 0 });
  });

  test('the pincode is asked for at the door', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null, [driver!], { pincode: '4711' });
    await commitMove(db, nobody, move(delivery.id, 'PICKED_UP'));
    expect(await commitMove(db, nobody, move(delivery.id, 'DELIVERED', { pincode: '1' }))).toMatchObject({
      result: { outcome: 'wrong_pincode' },
    });
    expect(await commitMove(db, nobody, move(delivery.id, 'DELIVERED', { pincode: '4711' }))).toMatchObject({
      result: { outcome: 'moved' },
    });
  });

  test('unassigned by its driver’s rejection: waits again, without them', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const delivery = await created(null, [driver!]);
    const ran = await commitMove(
      db,
      nobody,
      move(delivery.id, 'PENDING', { failure_code: 'DRIVER_REJECTED', exclude: true }),
    );
    expect(ran).toMatchObject({
      result: {
        outcome: 'moved',
        delivery: { status: 'PENDING', attempt: 2, driver_id: null, excluded_driver_ids: [driver] },
      },
    });
  });

  test('another driver’s or another shop’s delivery is not found', async () => {
    const [driver, other] = await buildDrivers(db, shop, [HERE, HERE]);
    const delivery = await created(null, [driver!]);
    expect(await commitMove(db, nobody, move(delivery.id, 'PICKED_UP', { driver_id: other! }))).toMatchObject({
      result: { outcome: 'not_found' },
    });
    expect(
      await commitMove(db, nobody, move(delivery.id, 'PICKED_UP', { shop_id: await buildShop(db) })),
    ).toMatchObject({
      result: { outcome: 'not_found' },
    });
  });
});
