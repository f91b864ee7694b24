import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import type { DeliveryRow } from '../schema.ts';
import { type ArrangedStop, commitRoute } from './arrange-route.ts';
import { commitMove } from './move-delivery.ts';
import { selectRoute } from './read-route.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: string;
let driver: string;
/** Three deliveries of sizes 1, 2 and 3, given one after the other. */
let a: DeliveryRow;
let b: DeliveryRow;
let c: DeliveryRow;

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
});
afterAll(async () => {
  expect(await brokenRoutes(db)).toEqual([]);
  await commands.close();
});
beforeEach(async () => {
  [driver] = (await buildDrivers(db, shop, [HERE], { capacity: 10 })) as [string];
  a = await commands.created(null, [driver]);
  b = await commands.created(null, [driver], { size: 2 });
  c = await commands.created(null, [driver], { size: 3 });
});

const pickup = ({ id }: DeliveryRow, at: string | null = null): ArrangedStop => ({ delivery: id, kind: 'pickup', at });
const dropoff = ({ id }: DeliveryRow, at: string | null = null): ArrangedStop => ({
  delivery: id,
  kind: 'dropoff',
  at,
});
const back = ({ id }: DeliveryRow): ArrangedStop => ({ delivery: id, kind: 'return', at: null });
const together = () => [c, b, a].map((each) => pickup(each)).concat([a, b, c].map((each) => dropoff(each)));

async function versionOf(): Promise<number> {
  return (await selectRoute(db, shop, driver))!.driver.version;
}
async function arrange(stops: readonly ArrangedStop[], version?: number, fixed_stops = 0) {
  const input = { shop_id: shop, driver_id: driver, version: version ?? (await versionOf()), fixed_stops, stops };
  const ran = await commitRoute(db, nobody, input);
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran;
}
/** The stops as the tables have them: `pickup`s in small letters, last stops in capitals. */
async function order(): Promise<string> {
  const names = new Map([a, b, c].map(({ id }, n) => [id, 'abc'[n]!]));
  const { deliveries } = (await selectRoute(db, shop, driver))!;
  return deliveries
    .flatMap(({ id, pickup_rank, dropoff_rank }) => [
      { name: names.get(id)!, rank: pickup_rank },
      { name: names.get(id)!.toUpperCase(), rank: dropoff_rank },
    ])
    .filter(({ rank }) => rank !== null)
    .sort((one, other) => one.rank! - other.rank!)
    .map(({ name }) => name)
    .join('');
}

describe('another order of the same stops', () => {
  test('is the next version of the driver, with an event that names all stops, and no event of any delivery', async () => {
    expect(await order()).toBe('aAbBcC');
    const before = await versionOf();
    const { result, drivers } = await arrange(together(), before, 6);
    expect(result).toMatchObject({ outcome: 'arranged', driver: { version: before + 1, fixed_rank: 6, load: 6 } });
    expect(drivers).toMatchObject([{ id: driver, version: before + 1 }]);
    expect(await order()).toBe('cbaABC');
    const events = await db.run(
      'SELECT type, load, route, delivery_id FROM dispatch.driver_event WHERE driver_id = $1 AND version = $2',
      [driver, before + 1],
    );
    const route = together().map(({ delivery, kind }) => [delivery, kind]);
    expect(events).toEqual([{ type: 'ROUTE', load: 6, route, delivery_id: null }]);
    const { deliveries } = (await selectRoute(db, shop, driver))!;
    expect(deliveries.map(({ version }) => version)).toEqual([a, b, c].map(({ version }) => version));
  });

  test('takes the planned times it comes with, and keeps the others', async () => {
    const [at, then] = ['2030-01-01T10:00:00+00:00', '2030-01-01T11:00:00+00:00'];
    await arrange([pickup(b, at), dropoff(b, then), pickup(a), dropoff(a), pickup(c), dropoff(c)]);
    await arrange([pickup(b), dropoff(b), pickup(a), dropoff(a), pickup(c), dropoff(c, then)]);
    const { deliveries } = (await selectRoute(db, shop, driver))!;
    const planned = new Map(deliveries.map((each) => [each.id, [each.planned_pickup_at, each.planned_dropoff_at]]));
    expect(planned.get(a.id)).toEqual([null, null]);
    expect(planned.get(b.id)).toEqual([at, then]);
    expect(planned.get(c.id)).toEqual([null, then]);
  });

  test('of another version changes nothing', async () => {
    const before = await versionOf();
    expect((await arrange(together(), before - 1)).result).toEqual({ outcome: 'route_changed' });
    await commitMove(db, nobody, commands.move(b.id, 'CANCELLED'));
    expect((await arrange(together(), before)).result).toEqual({ outcome: 'route_changed' });
    expect(await order()).toBe('aAcC');
  });

  test('may still have the pickup that was made meanwhile: it is left out', async () => {
    const before = await versionOf();
    await commitMove(db, nobody, commands.move(a.id, 'PICKED_UP'));
    expect((await arrange(together(), before)).result).toMatchObject({ outcome: 'arranged' });
    expect(await order()).toBe('cbABC');
    const [event] = await db.run<{ stops: number }>(
      'SELECT json_array_length(route) AS stops FROM dispatch.driver_event WHERE driver_id = $1 AND version = $2',
      [driver, before + 1],
    );
    expect(event).toEqual({ stops: 5 });
    // Or it is not named any more.
    expect(
      (await arrange([dropoff(a), ...together().filter(({ delivery }) => delivery !== a.id)])).result,
    ).toMatchObject({ outcome: 'arranged' });
    expect(await order()).toBe('AcbBC');
  });

  test('fixes as many of the stops that are left: a driver who has just made the first one meant the one after it', async () => {
    const before = await versionOf();
    await commitMove(db, nobody, commands.move(c.id, 'PICKED_UP'));
    const { result } = await arrange(together(), before, 1);
    expect(result).toMatchObject({ outcome: 'arranged', driver: { fixed_rank: 2 } });
    expect(await order()).toBe('baABC');
  });

  test('has a parcel that failed and is still aboard go back, not to the door', async () => {
    await commitMove(db, nobody, commands.move(a.id, 'PICKED_UP'));
    await commitMove(db, nobody, commands.move(a.id, 'FAILED'));
    const rest = [pickup(b), dropoff(b), pickup(c), dropoff(c)];
    expect((await arrange([...rest, dropoff(a)])).result).toEqual({ outcome: 'illegal' });
    expect((await arrange([...rest, back(a)])).result).toMatchObject({ outcome: 'arranged' });
    expect(await order()).toBe('bBcCA');
    expect((await arrange([...rest, back(a)].map((stop) => ({ ...stop, kind: 'return' as const })))).result).toEqual({
      outcome: 'illegal',
    });
  });

  test('that is not each stop once, pickups first, changes nothing', async () => {
    const stranger = await commands.created(null);
    const before = await versionOf();
    const bad: readonly (readonly ArrangedStop[])[] = [
      [],
      together().slice(1),
      together().slice(0, -1),
      together().reverse(),
      [...together(), dropoff(a)],
      [...together(), pickup(a)],
      [...together(), pickup(stranger), dropoff(stranger)],
      together().filter(({ delivery }) => delivery !== c.id),
      [...together().filter(({ delivery }) => delivery !== c.id), pickup(stranger), dropoff(stranger)],
      together().map((stop) => ({ ...stop, kind: 'pickup' as const })),
    ];
    for (const stops of bad) expect((await arrange(stops)).result).toEqual({ outcome: 'illegal' });
    expect(await versionOf()).toBe(before);
    expect(await order()).toBe('aAbBcC');
  });

  test('of a driver of another shop is of nobody', async () => {
    const input = { driver_id: driver, version: await versionOf(), fixed_stops: 0, stops: together() };
    const ran = await commitRoute(db, nobody, { ...input, shop_id: await buildShop(db) });
    expect(ran).toMatchObject({ result: { outcome: 'not_found' } });
    expect(await order()).toBe('aAbBcC');
  });

  test('is answered again under its key', async () => {
    const input = { shop_id: shop, driver_id: driver, version: await versionOf(), fixed_stops: 0, stops: together() };
    const first = await commitRoute(db, commands.withKey('again'), input);
    expect(first).toMatchObject({ kind: 'done', result: { outcome: 'arranged' } });
    const second = await commitRoute(db, commands.withKey('again'), input);
    expect(second).toMatchObject({ kind: 'replayed' });
    expect('result' in second && second.result).toEqual('result' in first && first.result);
  });
});
