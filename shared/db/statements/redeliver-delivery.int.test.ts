import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { refuseUntold } from '#shared/testing/refuse-untold.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { buryOrder } from './bury-order.ts';
import type { DetailsChange } from './changed-details.ts';
import { commitMove } from './move-delivery.ts';
import { selectDelivery } from './reads.ts';
import { commitRedelivery } from './redeliver-delivery.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
  await refuseUntold(db);
});
afterAll(() => commands.close());

const step = (id: string, to: DeliveryStatus) => commitMove(db, nobody, commands.move(id, to));
const again = (delivery_id: string, change: DetailsChange = {}, options = {}) =>
  commitRedelivery(db, nobody, { shop_id: shop, delivery_id, order_ref: null }, change, options);

async function brought(...path: DeliveryStatus[]) {
  const [driver = ''] = await buildDrivers(db, shop, [HERE]);
  const { id } = await commands.created(null, [driver]);
  for (const to of path) await step(id, to);
  return { id, driver };
}

test('a parcel that failed is in its driver’s vehicle, and is tried again from there', async () => {
  const { id, driver } = await brought('PICKED_UP', 'FAILED');
  expect(await driverState(db, driver)).toMatchObject({ load: 1, status: 'BUSY' });
  const { version } = (
    await db.run<{ version: number }>('SELECT version FROM dispatch.driver WHERE id = $1', [driver])
  )[0]!;
  expect(await again(id, { dropoff: { notes: 'ring' } }, { note: 'They are at home' })).toMatchObject({
    result: {
      outcome: 'redelivered',
      delivery: {
        status: 'PICKED_UP',
        attempt: 2,
        driver_id: driver,
        dropoff: { address: 'there', notes: 'ring' },
        failure_code: null,
        ended_at: null,
        picked_up_at: expect.any(String),
      },
    },
    drivers: [{ id: driver, version: Number(version) + 1 }],
  });
  const { events } = (await selectDelivery(db, shop, id, null))!;
  expect(events.at(-1)).toMatchObject({
    type: 'REATTEMPTED',
    driver_id: driver,
    data: { from: 'driver', note: 'They are at home', fields: ['dropoff.notes'] },
  });
  expect(await brokenRoutes(db)).toEqual([]);
  expect(await step(id, 'DELIVERED')).toMatchObject({ result: { outcome: 'moved' } });
  expect(await driverState(db, driver)).toMatchObject({ load: 0, status: 'AVAILABLE' });
});

test('of a parcel aboard neither the pickup nor the size can be another', async () => {
  const { id } = await brought('PICKED_UP', 'FAILED');
  const change = { size: 2, pickup: { address: 'elsewhere' }, dropoff: { address: 'another door' } };
  expect(await again(id, change)).toMatchObject({ result: { outcome: 'too_late', late: ['size', 'pickup.address'] } });
  expect(await again(id, change, { partly: true })).toMatchObject({
    result: {
      outcome: 'redelivered',
      delivery: { size: 1, pickup: { address: 'here' }, dropoff: { address: 'another door' } },
    },
  });
});

test.each([
  ['failed before its pickup', ['FAILED']],
  ['came back', ['PICKED_UP', 'FAILED', 'RETURNED']],
  ['was cancelled', ['CANCELLED']],
] as const)('what %s waits for a driver as at first', async (_, path) => {
  const { id, driver } = await brought(...path);
  expect(await again(id, { size: 2 })).toMatchObject({
    result: {
      outcome: 'redelivered',
      delivery: { status: 'PENDING', dispatch: 'searching', attempt: 2, driver_id: null, size: 2, picked_up_at: null },
    },
  });
  expect(await driverState(db, driver)).toMatchObject({ load: 0 });
  expect(await again(id)).toMatchObject({ result: { outcome: 'illegal', delivery: { status: 'PENDING' } } });
  const [next = ''] = await buildDrivers(db, shop, [HERE], { capacity: 2 });
  expect(await commands.assign(id, next)).toMatchObject({ result: { outcome: 'assigned' } });
  expect(await brokenRoutes(db)).toEqual([]);
});

test.each([[['PICKED_UP', 'DELIVERED']], [['PICKED_UP']], [[]]] as const)(
  '%j: there is no other attempt',
  async (path) => {
    const { id } = await brought(...path);
    expect(await again(id)).toMatchObject({ result: { outcome: 'illegal' } });
  },
);

test('a cancel that came before its order stays', async () => {
  await buryOrder(db, nobody, { shop_id: shop, order_ref: 'BURIED' });
  const which = { shop_id: shop, delivery_id: null, order_ref: 'BURIED' };
  expect(await commitRedelivery(db, nobody, which, { dropoff_lat: 1, dropoff_lon: 1 })).toMatchObject({
    result: { outcome: 'illegal', delivery: { status: 'CANCELLED', version: 2 } },
  });
});

test('what was kept under keys before is given again as it was', async () => {
  const { id } = await brought();
  const kept = ['PICKED_UP', 'FAILED', 'RETURNED'] as const;
  const run = (to: DeliveryStatus) => commitMove(db, commands.withKey(`${id} ${to}`), commands.move(id, to));
  const first = [];
  for (const to of kept) first.push((await run(to)) as { result: unknown });
  await again(id, { size: 3, dropoff: { address: 'elsewhere' } });
  for (const [n, to] of kept.entries())
    expect(await run(to)).toMatchObject({ kind: 'replayed', result: first[n]?.result });
});
