import { expect, test } from 'vitest';
import { arrivalOf } from '#shared/flows/arrival.ts';
import { assignNamed } from '#shared/flows/assign-named.ts';
import { setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { planShopsAnew } from '#shared/flows/relay/plan-due.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { somebody } from '#shared/testing/flow-deps.ts';
import { givenPlannedShop } from '#shared/testing/planned-shop.ts';

/* The one who comes to mind first is not the one who can bring it: it goes to somebody else. */

const given = givenPlannedShop();
const { choose, order, drivers, read } = given;

const duty = (driverId: string, said: Parameters<typeof setDuty>[3]) =>
  setDuty(given.deps, somebody(), { shopId: given.shop.id, driverId }, said, false);
const set = (id: string, columns: string) =>
  given.deps.db.run(`UPDATE dispatch.delivery SET ${columns} WHERE id = $1`, [id]);

test('nobody waits for room for longer than maxHeldS beside somebody under way who has room', async () => {
  await choose({ maxHeldS: 300 });
  const [forgetful = ''] = await drivers([north(50)]);
  const first = await order({ dropoff: north(60) });
  expect(first.driver_id).toBe(forgetful);
  const by = { shopId: given.shop.id, driverId: forgetful };
  await moveDelivery(given.deps, somebody(), by, first.id, { status: 'PICKED_UP' });
  const second = await order();
  await given.deps.dispatch.plan(given.shop.id);
  expect(await read(second.id)).toMatchObject({ dispatch: 'held', held_reason: 'no_room_yet' });
  const [roomy = ''] = await drivers([north(6_000)], { capacity: 3 });
  const theirs = await order({ pickup: north(6_000), dropoff: north(9_000) });
  await assignNamed(given.deps, somebody(), given.shop.id, theirs.id, { driverId: roomy });
  expect(await read(second.id)).toMatchObject({ dispatch: 'held', held_reason: 'no_room_yet' });
  await set(second.id, `due_at = now() - interval '301 s', next_dispatch_at = now()`);
  await given.deps.dispatch.plan(given.shop.id);
  expect(await read(second.id)).toMatchObject({ status: 'ASSIGNED', driver_id: roomy });
});

test('what nobody has collected does not wait for the end of a break', async () => {
  const [away = '', there = ''] = await drivers([north(100), north(2_000)]);
  const delivery = await order();
  expect(delivery.driver_id).toBe(away);
  await duty(away, { status: 'BUSY', breakS: 2_700 });
  const arrival = await arrivalOf(given.deps, await read(delivery.id), Date.now());
  expect(arrival!.etaS).toBeGreaterThan(2_700);
  await planShopsAnew(given.deps);
  expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: there });
});

test('what is aboard is brought before a break begins, and is announced so', async () => {
  const [driverId = ''] = await drivers([HERE]);
  const delivery = await order({ dropoff: north(1_000) });
  const by = { shopId: given.shop.id, driverId };
  await moveDelivery(given.deps, somebody(), by, delivery.id, { status: 'PICKED_UP' });
  await duty(driverId, { status: 'BUSY', breakS: 2_700 });
  const arrival = await arrivalOf(given.deps, await read(delivery.id), Date.now());
  expect(arrival!.etaS).toBeLessThan(900);
});

test('an order in a mixed fleet goes to who is quickest to the door, behind as many on foot as are looked for first', async () => {
  await drivers(Array.from({ length: 8 }, (_, n) => north(10 * (n + 1))));
  await given.deps.db.run(`UPDATE dispatch.driver SET vehicle = 'foot' WHERE shop_id = $1`, [given.shop.id]);
  const [car = ''] = await drivers([north(400)]);
  await given.deps.db.run(`UPDATE dispatch.driver SET vehicle = 'car' WHERE id = $1`, [car]);
  const delivery = await order({ dropoff: north(-5_000) });
  expect(await read(delivery.id)).toMatchObject({ status: 'ASSIGNED', driver_id: car });
});
