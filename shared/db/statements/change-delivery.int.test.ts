import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { refuseUntold } from '#shared/testing/refuse-untold.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { commitDeliveryChange, type DetailsChange } from './change-delivery.ts';
import { commitMove } from './move-delivery.ts';
import { selectDelivery } from './reads.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];
let created: ShopCommands['created'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop, created } = commands);
  await refuseUntold(db);
});
afterAll(() => commands.close());

const change = (delivery_id: string, what: DetailsChange, partly = false) =>
  commitDeliveryChange(db, nobody, { shop_id: shop, delivery_id, order_ref: null }, what, { partly });
const eventsOf = async (id: string) =>
  (await selectDelivery(db, shop, id, null))!.events.map(({ type, status, data }) => [type, status, data?.fields]);

/** A delivery in the hands of a driver with room for two, brought as far as `path` says. */
async function inHand(path: readonly DeliveryStatus[] = [], rest: Parameters<typeof created>[2] = {}) {
  const [driver = ''] = await buildDrivers(db, shop, [HERE], { capacity: 2 });
  const { id } = await created(null, [driver], rest);
  for (const to of path) await commitMove(db, nobody, commands.move(id, to));
  return { id, driver };
}

test('coordinates that come later set the search going', async () => {
  const delivery = await created('C1', [], { dropoff_lat: null, dropoff_lon: null });
  expect(await change(delivery.id, { dropoff_lat: 1, dropoff_lon: 2, dropoff: { name: 'Asha' } })).toMatchObject({
    result: {
      outcome: 'changed',
      delivery: { dispatch: 'searching', version: 2, dropoff: { address: 'there', name: 'Asha' } },
    },
  });
});

test('what is said again as it is already is no change, whatever has become of it', async () => {
  const said = { dropoff: { address: 'there' }, size: 1, requires: [], dropoff_lat: HERE.lat };
  for (const path of [[], ['PICKED_UP'], ['PICKED_UP', 'DELIVERED'], ['FAILED']] as DeliveryStatus[][]) {
    const { id } = await inHand(path);
    const before = await selectDelivery(db, shop, id, null);
    expect(await change(id, said)).toMatchObject({ result: { outcome: 'unchanged', late: [] } });
    expect(await selectDelivery(db, shop, id, null)).toEqual(before);
  }
});

describe('in a driver’s hands', () => {
  test('everything may change, and the event says what did', async () => {
    const { id, driver } = await inHand();
    const ran = await change(id, {
      dropoff_lat: 1,
      dropoff: { address: 'elsewhere', phone: '1' },
      notes: 'ring',
      size: 2,
    });
    expect(ran).toMatchObject({
      result: {
        outcome: 'changed',
        replan: true,
        delivery: { status: 'ASSIGNED', driver_id: driver, dropoff_lat: 1, notes: 'ring', size: 2 },
      },
    });
    expect((await eventsOf(id)).at(-1)).toEqual([
      'CHANGED',
      'ASSIGNED',
      ['dropoff.lat', 'size', 'notes', 'dropoff.address', 'dropoff.phone'],
    ]);
    expect(await driverState(db, driver)).toMatchObject({ load: 2 });
    expect(await brokenRoutes(db)).toEqual([]);
  });

  test('notes alone are nothing that a plan goes by', async () => {
    const { id } = await inHand();
    expect(await change(id, { notes: 'ring' })).toMatchObject({
      result: { outcome: 'changed', replan: false },
      drivers: [],
    });
  });

  test.each([
    ['larger than their room', () => ({ size: 3 })],
    ['not for them', (driver: string) => ({ excluded_driver_ids: [driver] })],
    ['for somebody with a tag that they lack', () => ({ requires: ['cold'] })],
  ])('%s: it waits again at once', async (_, what) => {
    const { id, driver } = await inHand();
    expect(await change(id, what(driver))).toMatchObject({
      result: {
        outcome: 'changed',
        delivery: { status: 'PENDING', dispatch: 'searching', driver_id: null, attempt: 2 },
      },
    });
    expect((await eventsOf(id)).slice(-2).map(([type, status]) => [type, status])).toEqual([
      ['CHANGED', 'ASSIGNED'],
      ['UNASSIGNED', 'PENDING'],
    ]);
    expect(await driverState(db, driver)).toMatchObject({ load: 0 });
    expect(await brokenRoutes(db)).toEqual([]);
  });
});

describe('on its way', () => {
  test.each(['PICKED_UP', 'IN_TRANSIT'] as const)(
    '%s: the recipient’s phone and notes, and nothing else',
    async (last) => {
      const { id } = await inHand(last === 'PICKED_UP' ? ['PICKED_UP'] : ['PICKED_UP', 'IN_TRANSIT']);
      const both = { dropoff: { address: 'elsewhere', phone: '2' } };
      expect(await change(id, both)).toMatchObject({ result: { outcome: 'too_late', late: ['dropoff.address'] } });
      expect((await eventsOf(id)).at(-1)?.[0]).toBe(last);
      expect(await change(id, { dropoff: { phone: '1', notes: 'back door' } })).toMatchObject({
        result: {
          outcome: 'changed',
          delivery: { status: last, dropoff: { address: 'there', phone: '1', notes: 'back door' } },
        },
      });
      expect(await change(id, both, true)).toMatchObject({
        result: {
          outcome: 'changed',
          late: ['dropoff.address'],
          delivery: { dropoff: { address: 'there', phone: '2' } },
        },
      });
    },
  );

  test('what was kept under a key before is given again as it was', async () => {
    const { id } = await inHand();
    const step = () => commitMove(db, commands.withKey(`${id} step`), commands.move(id, 'PICKED_UP'));
    const first = await step();
    await change(id, { dropoff: { phone: '1' } });
    await change(id, { dropoff: { phone: '2' } });
    const again = await step();
    expect(again.kind).toBe('replayed');
    expect({ ...again, kind: 'done' }).toEqual({ ...first, drivers: [] });
  });
});

test.each([['DELIVERED'], ['FAILED'], ['CANCELLED']] as const)('%s: too late for all of it', async (to) => {
  const { id } = await inHand(to === 'DELIVERED' ? ['PICKED_UP', to] : [to]);
  expect(await change(id, { dropoff: { phone: '1' } })).toMatchObject({
    result: { outcome: 'too_late', late: ['dropoff.phone'] },
  });
});

test('another address without coordinates is somewhere else: it waits for them, also from a driver’s hands', async () => {
  const moved = { dropoff: { address: 'elsewhere' }, relocates: true };
  const lost = { dropoff_lat: null, dropoff_lon: null, status: 'PENDING', dispatch: 'needs_location', driver_id: null };
  const waits = await created(null);
  expect(await change(waits.id, moved)).toMatchObject({ result: { outcome: 'changed', delivery: lost } });
  const { id } = await inHand();
  expect(await change(id, moved)).toMatchObject({ result: { outcome: 'changed', delivery: lost } });
  const { id: same } = await inHand();
  expect(await change(same, { dropoff: { address: 'there', name: 'R.' }, relocates: true })).toMatchObject({
    result: { outcome: 'changed', delivery: { status: 'ASSIGNED', dropoff_lat: HERE.lat } },
  });
});

test('a message that says the same again undoes no correction', async () => {
  const { id } = await created(null, [], { message_digest: 'first' });
  await change(id, { dropoff: { address: 'corrected' } });
  const said = { dropoff: { address: 'there' } };
  expect(await change(id, { ...said, message_digest: 'first' })).toMatchObject({ result: { outcome: 'unchanged' } });
  expect(await change(id, { ...said, message_digest: 'second' })).toMatchObject({
    result: { outcome: 'changed', delivery: { dropoff: { address: 'there' }, message_digest: 'second' } },
  });
});
