import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { selectDelivery } from './reads.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: ShopCommands['shop'];
let created: ShopCommands['created'];
let assign: ShopCommands['assign'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop, created, assign } = commands);
});
afterAll(() => commands.close());

describe('assign', () => {
  test('1,000 deliveries want one driver: one winner', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const waiting = await Promise.all(Array.from({ length: 1000 }, (_, n) => inTurn(n, () => created(null))));
    const ran = await Promise.all(waiting.map((delivery, n) => inTurn(n, () => assign(delivery.id, driver!))));
    expect(ran.filter((each) => each.kind === 'done' && each.result.outcome === 'assigned')).toHaveLength(1);
    expect(await driverState(db, driver!)).toMatchObject({ load: 1, status: 'BUSY' });
  });

  test('a named driver takes over before pickup; the other one is free again', async () => {
    const [first, second] = await buildDrivers(db, shop, [HERE, HERE]);
    const delivery = await created(null, [first!]);
    expect(await assign(delivery.id, second!)).toMatchObject({
      result: { outcome: 'assigned', delivery: { driver_id: second, version: 4, attempt: 2 } },
    });
    expect(await driverState(db, first!)).toMatchObject({ load: 0, status: 'AVAILABLE' });
    expect(await assign(delivery.id, second!)).toMatchObject({ result: { outcome: 'unchanged' } });
    const read = await selectDelivery(db, shop, delivery.id, null);
    expect(read?.events.map((event) => event.type)).toEqual(['CREATED', 'ASSIGNED', 'UNASSIGNED', 'ASSIGNED']);
  });
});

let turn: Promise<unknown> = Promise.resolve();
/** At most 20 of these under way: the pool's queue refuses those that would wait for more than half a second. */
function inTurn<T>(n: number, work: () => Promise<T>): Promise<T> {
  if (n % 20 !== 0) return turn.then(work);
  const batch = turn.then(work);
  turn = batch.catch(() => undefined);
  return batch;
}
