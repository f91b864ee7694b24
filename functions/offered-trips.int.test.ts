import { describe, expect, test } from 'vitest';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { project } from '#shared/testing/flow-deps.ts';
import { offersOfShop } from '#shared/testing/offers-of-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;
const { plan, asking, placed, delivery, offersOf, only, accept, decline, kept, later, over } = offersOfShop(given);

test('a trip is offered whole: with one order of it gone, the other is offered anew', async () => {
  const { shopId } = given.shop;
  const [driverId] = await buildDrivers(given.deps.db, shopId, [north(100)], { capacity: 3 });
  const driver: DriverPrincipal = { kind: 'driver', shopId, driverId: driverId! };
  const first = await placed();
  const second = await placed();
  await asking('offer');
  await project(given.deps, shopId, [driverId!]);
  await plan();
  const offer = await only(driver);
  expect(offer.deliveryIds).toEqual([first, second].sort());
  expect(await kept(driver)).toEqual({ load: 0, reserved: 2 });
  await ask('POST', `/v1/deliveries/${first}/cancel`);
  expect((await accept(driver, offer.id)).status).toBe(409);
  await plan();
  expect(await only(driver)).toMatchObject({ deliveryIds: [second], wave: 1 });
  expect(await kept(driver)).toEqual({ load: 0, reserved: 1 });
});

test('a trip that is accepted is a route of all its stops', async () => {
  const { shopId } = given.shop;
  const [driverId] = await buildDrivers(given.deps.db, shopId, [north(100)], { capacity: 3 });
  const driver: DriverPrincipal = { kind: 'driver', shopId, driverId: driverId! };
  const ids = [await placed(), await placed()].sort();
  await asking('offer');
  await project(given.deps, shopId, [driverId!]);
  await plan();
  expect(await accept(driver, (await only(driver)).id)).toMatchObject({ status: 200 });
  expect(await kept(driver)).toEqual({ load: 2, reserved: 0 });
  const { stops } = (await ask('GET', `/v1/drivers/${driverId}/route`)).body;
  expect(stops.map(({ deliveryId }: { deliveryId: string }) => deliveryId).sort()).toEqual([...ids, ...ids].sort());
  const [told] = await given.deps.db.run<{ route: unknown }>(
    `SELECT route FROM dispatch.driver_event WHERE driver_id = $1 AND type = 'PLANNED' ORDER BY version LIMIT 1`,
    [driverId!],
  );
  expect(told!.route).toEqual(
    ids.flatMap((id) => [
      [id, 'pickup'],
      [id, 'dropoff'],
    ]),
  );
});

test('whoever no longer has a tag that it needs, or whose shift is over by then, cannot say yes', async () => {
  await asking('offer');
  const driver = await driverAt(HERE);
  const change = (body: unknown) => ask('PATCH', `/v1/drivers/${driver.driverId}`, { body });
  await change({ tags: ['cold'] });
  await ask('POST', '/v1/deliveries', { body: { ...order, requires: ['cold'] } });
  const offer = await only(driver);
  await change({ tags: [] });
  expect(await accept(driver, offer.id)).toMatchObject(over('withdrawn'));
  await change({ tags: ['cold'], shiftEndsAt: new Date(Date.now() + 5_000).toISOString() });
  expect(await accept(driver, offer.id)).toMatchObject(over('off_duty'));
  await change({ shiftEndsAt: null });
  expect(await accept(driver, offer.id)).toMatchObject({ status: 200 });
});

describe('several at a time', () => {
  test('the nearest are asked, no place is kept, and of all who say yes at once one has it', async () => {
    await asking('broadcast', { offerTo: 20 });
    const drivers: DriverPrincipal[] = [];
    for (let n = 0; n < 24; n += 1) drivers.push(await driverAt(north(100 * (n + 1))));
    const id = await placed();
    const asked = drivers.slice(0, 20);
    expect(await offersOf(drivers[21]!)).toEqual([]);
    expect(await kept(asked[0]!)).toEqual({ load: 0, reserved: 0 });
    const offers = await Promise.all(asked.map(only));
    const answers = await Promise.all(asked.map((driver, n) => accept(driver, offers[n].id)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ body }) => body.why === 'taken')).toHaveLength(19);
    expect(await delivery(id)).toMatchObject({ status: 'ASSIGNED', driverId: won[0]!.body.offer.driverId });
    const loads = await Promise.all(asked.map(kept));
    expect(loads.reduce((sum, { load }) => sum + load, 0)).toBe(1);
  });

  test('the next wave asks others than those who said nothing or no', async () => {
    await asking('broadcast', { offerTo: 2 });
    const drivers: DriverPrincipal[] = [];
    for (let n = 0; n < 4; n += 1) drivers.push(await driverAt(north(100 * (n + 1))));
    const id = await placed();
    const [a, b, c, d] = drivers as [DriverPrincipal, DriverPrincipal, DriverPrincipal, DriverPrincipal];
    await decline(a, (await only(a)).id);
    expect(await delivery(id)).toMatchObject({ dispatch: 'offered' });
    await later(61);
    await plan();
    expect(await offersOf(a)).toEqual([]);
    expect(await offersOf(b)).toEqual([]);
    expect(await only(c)).toMatchObject({ wave: 2 });
    expect(await only(d)).toMatchObject({ wave: 2 });
  });
});
