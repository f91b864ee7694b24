import { beforeEach, describe, expect, test } from 'vitest';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, key, order } from '#shared/testing/asking-shop.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { project } from '#shared/testing/flow-deps.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const shop = () => `/v1/shops/${given.shop.shopId}`;
const plan = () => given.deps.dispatch.plan(given.shop.shopId);

async function asking(mode: 'offer' | 'broadcast', more: Record<string, unknown> = {}): Promise<void> {
  const set = await ask('PATCH', shop(), { body: { dispatch: { mode, offerS: 60, ...more } } });
  expect(set).toMatchObject({ status: 200, body: { dispatch: { mode, offerS: 60 } } });
}

async function placed(): Promise<string> {
  return (await ask('POST', '/v1/deliveries', { body: order })).body.id;
}

async function delivery(id: string) {
  return (await ask('GET', `/v1/deliveries/${id}`)).body;
}

async function typesOf(id: string): Promise<readonly string[]> {
  return (await delivery(id)).events.map(({ type }: { type: string }) => type);
}

async function offersOf(driver: DriverPrincipal) {
  const { status, body } = await ask('GET', `/v1/drivers/${driver.driverId}/offers`, { as: driver });
  expect(status).toBe(200);
  return body.items;
}

async function only(driver: DriverPrincipal) {
  const offers = await offersOf(driver);
  expect(offers).toHaveLength(1);
  return offers[0];
}

const accept = (as: DriverPrincipal, id: string) => ask('POST', `/v1/offers/${id}/accept`, { as });
const decline = (as: DriverPrincipal, id: string, reason = 'too_far') =>
  ask('POST', `/v1/offers/${id}/decline`, { as, body: { reason } });

async function kept({ driverId }: DriverPrincipal): Promise<{ load: number; reserved: number }> {
  const [row] = await given.deps.db.run<{ load: number; reserved: number }>(
    'SELECT load, reserved FROM dispatch.driver WHERE id = $1',
    [driverId],
  );
  return row!;
}

/** As if this many seconds had passed. */
async function later(seconds: number): Promise<void> {
  const { shopId } = given.shop;
  await given.deps.db.run(
    `UPDATE dispatch.offer SET expires_at = expires_at - $2::int * interval '1 s' WHERE shop_id = $1`,
    [shopId, seconds],
  );
  await given.deps.db.run(
    `UPDATE dispatch.delivery SET next_dispatch_at = next_dispatch_at - $2::int * interval '1 s' WHERE shop_id = $1`,
    [shopId, seconds],
  );
}

const over = (why: string) => ({ status: 409, body: { type: 'urn:problem:offer_over', why } });

describe('one driver at a time', () => {
  let near: DriverPrincipal;
  let far: DriverPrincipal;
  beforeEach(async () => {
    await asking('offer');
    near = await driverAt(north(100));
    far = await driverAt(north(2_000));
  });

  test('is asked, has their place kept, and has it with their yes', async () => {
    const id = await placed();
    expect(await delivery(id)).toMatchObject({ status: 'PENDING', dispatch: 'offered', driverId: null });
    expect(await offersOf(far)).toEqual([]);
    expect(await kept(near)).toEqual({ load: 0, reserved: 1 });
    const offer = await only(near);
    expect(offer).toMatchObject({ state: 'open', exclusive: true, wave: 1, size: 1, deliveryIds: [id] });
    expect(offer.expiresInS).toBeGreaterThan(30);
    expect(offer.deliveries).toMatchObject([{ deliveryId: id, plannedPickupAt: expect.stringMatching(/Z$/) }]);
    const accepted = await accept(near, offer.id);
    expect(accepted).toMatchObject({
      status: 200,
      body: { offer: { state: 'accepted' }, deliveries: [{ id, status: 'ASSIGNED', driverId: near.driverId }] },
    });
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
    expect(await offersOf(near)).toEqual([]);
    expect(await typesOf(id)).toEqual(expect.arrayContaining(['CREATED', 'OFFERED', 'ASSIGNED']));
    expect((await ask('GET', `/v1/deliveries/${id}/decisions`)).body.items.at(-1)).toMatchObject({
      outcome: 'offered',
      sentence: expect.stringContaining('Offered to'),
    });
  });

  test('says yes twice, with the same key or another, and has it once', async () => {
    const id = await placed();
    const offer = await only(near);
    const path = `/v1/offers/${offer.id}/accept`;
    const first = await ask('POST', path, { as: near, ...key('yes') });
    const again = await ask('POST', path, { as: near, ...key('yes') });
    expect(again.body).toEqual(first.body);
    const other = await ask('POST', path, { as: near, ...key('other') });
    expect(other).toMatchObject({ status: 200 });
    await ask('POST', `/v1/deliveries/${id}/status`, { as: near, body: { status: 'PICKED_UP' } });
    // What was answered under a key is answered again, whatever has become of it.
    expect((await ask('POST', path, { as: near, ...key('other') })).body).toEqual(other.body);
    expect((await typesOf(id)).filter((type) => type === 'ASSIGNED')).toHaveLength(1);
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
  });

  test('says no, and the next one is asked; a no twice is a no', async () => {
    const id = await placed();
    const offer = await only(near);
    expect(await decline(near, offer.id)).toMatchObject({
      status: 200,
      body: { state: 'declined', reason: 'too_far' },
    });
    expect(await decline(near, offer.id)).toMatchObject({ status: 200 });
    expect(await accept(near, offer.id)).toMatchObject(over('declined'));
    expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    expect(await offersOf(near)).toEqual([]);
    expect(await only(far)).toMatchObject({ wave: 2, deliveryIds: [id] });
    const said = (await delivery(id)).events.find(({ type }: { type: string }) => type === 'OFFER_DECLINED');
    expect(said).toMatchObject({ data: { driverId: near.driverId, reason: 'too_far' } });
  });

  test('says nothing: a yes after the time is too late, and the next one is asked', async () => {
    const id = await placed();
    const offer = await only(near);
    await later(61);
    expect(await accept(near, offer.id)).toMatchObject(over('expired'));
    expect(await offersOf(near)).toEqual([]);
    await plan();
    expect(await accept(near, offer.id)).toMatchObject(over('expired'));
    expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    expect(await only(far)).toMatchObject({ wave: 2, deliveryIds: [id] });
    expect(await typesOf(id)).toContain('OFFER_EXPIRED');
  });

  test('an order that is cancelled or held back meanwhile is no longer there, and the place is free', async () => {
    for (const [step, why] of [
      ['cancel', 'cancelled'],
      ['hold', 'withdrawn'],
    ] as const) {
      const id = await placed();
      const offer = await only(near);
      expect(await ask('POST', `/v1/deliveries/${id}/${step}`)).toMatchObject({ status: 200 });
      expect((await accept(near, offer.id)).body).toMatchObject({ type: 'urn:problem:offer_over' });
      expect((await accept(near, offer.id)).body.why).toMatch(new RegExp(`${why}|withdrawn`));
      expect(await offersOf(near)).toEqual([]);
      expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    }
  });

  test('who goes off duty is no longer asked', async () => {
    const id = await placed();
    const offer = await only(near);
    await ask('PUT', `/v1/drivers/${near.driverId}/status`, { as: near, body: { status: 'OFFLINE' } });
    await plan();
    expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    expect((await accept(near, offer.id)).status).toBe(409);
    expect(await only(far)).toMatchObject({ deliveryIds: [id] });
  });

  test('a person may give it to the driver who is just being asked, who has no other place', async () => {
    const id = await placed();
    await only(near);
    const given = await ask('POST', `/v1/deliveries/${id}/assign`, { body: { driverId: near.driverId } });
    expect(given).toMatchObject({ status: 200, body: { status: 'ASSIGNED', driverId: near.driverId } });
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
  });

  test('nobody answers for somebody else, but their shop may', async () => {
    await placed();
    const offer = await only(near);
    expect(await accept(far, offer.id)).toMatchObject({ status: 404 });
    expect(await decline(far, offer.id)).toMatchObject({ status: 404 });
    expect(await ask('GET', `/v1/drivers/${near.driverId}/offers`, { as: far })).toMatchObject({ status: 404 });
    expect(await ask('POST', `/v1/offers/${offer.id}/accept`)).toMatchObject({
      status: 200,
      body: { offer: { driverId: near.driverId } },
    });
  });

  test('offered as often as the shop wants, it is left to a person, and the shop is told', async () => {
    await asking('offer', { offerWaves: 1 });
    const id = await placed();
    await decline(near, (await only(near)).id, 'no_time');
    await plan();
    expect(await delivery(id)).toMatchObject({ status: 'PENDING', dispatch: 'exhausted' });
    expect(await offersOf(far)).toEqual([]);
    expect((await typesOf(id)).filter((type) => type === 'EXHAUSTED')).toHaveLength(1);
    expect(await ask('POST', `/v1/deliveries/${id}/assign`)).toMatchObject({
      status: 200,
      body: { status: 'ASSIGNED' },
    });
  });

  test('a reason that is none is told which there are', async () => {
    await placed();
    const offer = await only(near);
    expect(await decline(near, offer.id, 'bored')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/reason', detail: expect.stringContaining('too_far') }] },
    });
  });
});

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

test('the shop hears of offers where its webhook asks for it', async () => {
  const names = async (id: string) =>
    (
      await given.deps.db.run<{ event: string }>(
        'SELECT event FROM dispatch.outbox WHERE delivery_id = $1 ORDER BY seq',
        [id],
      )
    ).map(({ event }) => event);
  await asking('offer');
  const driver = await driverAt(HERE);
  const quiet = await placed();
  await decline(driver, (await only(driver)).id);
  expect(await names(quiet)).toEqual(['DELIVERY_CREATED_V1']);
  await ask('PUT', `${shop()}/webhook`, { body: { url: 'http://127.0.0.1:9/none', offers: true } });
  const told = await placed();
  const [offer] = await offersOf(driver);
  await decline(driver, offer.id);
  expect(await names(told)).toEqual(['DELIVERY_CREATED_V1', 'DELIVERY_OFFERED_V1', 'DELIVERY_OFFER_DECLINED_V1']);
});
