import { beforeEach, describe, expect, test } from 'vitest';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, key } from '#shared/testing/asking-shop.ts';
import { brokenRoutes } from '#shared/testing/broken-routes.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { project } from '#shared/testing/flow-deps.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

interface Stop {
  deliveryId: string;
  kind: string;
  plannedAt: string | null;
}
let driver: DriverPrincipal;
let path: string;
let ids: string[];

beforeEach(async () => {
  const { shopId } = given.shop;
  const [driverId] = await buildDrivers(given.deps.db, shopId, [HERE], { capacity: 3 });
  await project(given.deps, shopId, [driverId!]);
  driver = { kind: 'driver', shopId, driverId: driverId! };
  path = `/v1/drivers/${driverId}/route`;
  ids = [];
  for (const metres of [300, 600, 900]) ids.push(await assigned(metres));
});

async function assigned(metres: number): Promise<string> {
  const body = {
    sellerOrderId: `O-${metres}-${driver.driverId}`,
    pickup: { ...HERE, address: 'The shop' },
    dropoff: { ...north(metres), address: `Street ${metres}`, name: 'R. Meier', phone: '030 1', notes: '2nd floor' },
    pincode: '4711',
  };
  const created = await ask('POST', '/v1/deliveries', { body });
  const by = { driverId: driver.driverId };
  expect(await ask('POST', `/v1/deliveries/${created.body.id}/assign`, { body: by })).toMatchObject({ status: 200 });
  return created.body.id;
}
const stops = (list: readonly Stop[]) => list.map(({ deliveryId, kind }) => ({ deliveryId, kind }));
const inOrder = (...places: readonly number[]) => [
  ...places.map((place) => ({ deliveryId: ids[place]!, kind: 'pickup' })),
  ...places.map((place) => ({ deliveryId: ids[place]!, kind: 'dropoff' })),
];

describe('GET route', () => {
  test('shows all stops in order, with whom to meet where and when, to the shop and to the driver', async () => {
    const { status, body } = await ask('GET', path, { as: driver });
    expect(status).toBe(200);
    expect((await ask('GET', path)).body).toEqual(body);
    expect(body).toMatchObject({ driverId: driver.driverId, version: expect.any(Number) });
    expect(body.stops).toHaveLength(6);
    const door = body.stops.find((stop: Stop) => stop.deliveryId === ids[1] && stop.kind === 'dropoff');
    expect(door).toEqual({
      deliveryId: ids[1],
      deliveryVersion: expect.any(Number),
      sellerOrderId: `O-600-${driver.driverId}`,
      kind: 'dropoff',
      ...north(600),
      address: 'Street 600',
      name: 'R. Meier',
      phone: '030 1',
      notes: '2nd floor',
      plannedAt: expect.stringMatching(/Z$/),
      after: null,
      before: null,
      size: 1,
      pinned: false,
    });
    const times = body.stops.map((stop: Stop) => Date.parse(stop.plannedAt ?? ''));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('is of no business to another driver or another shop', async () => {
    const other = await driverAt(north(50));
    expect(await ask('GET', path, { as: other })).toMatchObject({ status: 404 });
    expect(await ask('PUT', path, { as: other, body: { version: 1, stops: inOrder(0) } })).toMatchObject({
      status: 404,
    });
    expect((await ask('GET', `/v1/drivers/${other.driverId}/route`)).body).toMatchObject({ stops: [] });
    const elsewhere = { ...given.shop, shopId: '01a21805-1dc3-714e-853d-b13fef2c118b' };
    expect(await ask('GET', path, { as: elsewhere })).toMatchObject({ status: 404 });
  });

  test('a failed parcel that is still aboard goes back to where it was collected', async () => {
    const move = `/v1/deliveries/${ids[0]}/status`;
    await ask('POST', move, { body: { status: 'PICKED_UP' } });
    await ask('POST', move, { body: { status: 'FAILED', failureCode: 'REFUSED' } });
    const { body } = await ask('GET', path);
    const own = body.stops.filter((stop: Stop) => stop.deliveryId === ids[0]);
    expect(own).toMatchObject([{ kind: 'return', ...HERE, address: 'The shop' }]);
    expect(body.stops).toHaveLength(5);
    await ask('POST', move, { body: { status: 'RETURNED' } });
    expect((await ask('GET', path)).body.stops).toHaveLength(4);
  });
});

describe('PUT route', () => {
  test('by the shop fixes the whole order, at times that follow from it', async () => {
    const { version } = (await ask('GET', path)).body;
    const wanted = inOrder(2, 0, 1);
    const { status, body } = await ask('PUT', path, { body: { version, stops: wanted } });
    expect({ status, stops: stops(body.stops), version: body.version }).toEqual({
      status: 200,
      stops: wanted,
      version: version + 1,
    });
    expect(body.stops.map((stop: { pinned: boolean }) => stop.pinned)).toEqual(Array(6).fill(true));
    const times = body.stops.map((stop: Stop) => Date.parse(stop.plannedAt ?? ''));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // No plan puts it in another order, and what comes in addition comes after it.
    await given.deps.dispatch.plan(given.shop.shopId, true);
    expect(stops((await ask('GET', path)).body.stops)).toEqual(wanted);
    expect(await brokenRoutes(given.deps.db)).toEqual([]);
  });

  test('by the driver says which stop is next', async () => {
    const { version } = (await ask('GET', path)).body;
    const { status, body } = await ask('PUT', path, { as: driver, body: { version, stops: inOrder(1, 2, 0) } });
    expect(status).toBe(200);
    expect(body.stops[0]).toMatchObject({ deliveryId: ids[1], kind: 'pickup', pinned: true });
    expect(body.stops[1]).toMatchObject({ pinned: false });
    await given.deps.dispatch.plan(given.shop.shopId, true);
    expect((await ask('GET', path)).body.stops[0]).toMatchObject({ deliveryId: ids[1], kind: 'pickup' });
  });

  test('of a route that has changed: 409, with the newest', async () => {
    const { version } = (await ask('GET', path)).body;
    await ask('POST', `/v1/deliveries/${ids[0]}/cancel`);
    const { status, body } = await ask('PUT', path, { body: { version, stops: inOrder(2, 1, 0) } });
    expect({ status, type: body.type }).toEqual({ status: 409, type: 'urn:problem:route_changed' });
    expect(body.route).toEqual((await ask('GET', path)).body);
    expect(body.route.stops).toHaveLength(4);
    const again = await ask('PUT', path, { body: { version: body.route.version, stops: inOrder(2, 1) } });
    expect(again.status).toBe(200);
  });

  test('that is no route: 422, and where', async () => {
    const { version } = (await ask('GET', path)).body;
    const all = inOrder(0, 1, 2);
    const stranger = { deliveryId: '01a21805-1dc3-714e-853d-b13fef2c118b', kind: 'dropoff' };
    const faults = [
      [[...all].reverse(), '/stops/0'],
      [all.slice(1), '/stops/2'],
      [all.slice(0, -1), '/stops'],
      [[...all, all[5]], '/stops/6'],
      [[stranger, ...all], '/stops/0'],
    ] as const;
    for (const [wrong, pointer] of faults) {
      const { status, body } = await ask('PUT', path, { body: { version, stops: wrong } });
      expect({ status, type: body.type, pointer: body.errors[0].pointer }).toEqual({
        status: 422,
        type: 'urn:problem:illegal_route',
        pointer,
      });
    }
    const shapes = [
      { version, stops: [] },
      { version: -1, stops: all },
      { stops: all },
      { version, stops: [{ kind: 'x' }] },
    ];
    for (const body of shapes) {
      expect(await ask('PUT', path, { body })).toMatchObject({ status: 422, body: { type: 'urn:problem:invalid' } });
    }
    expect((await ask('GET', path)).body.version).toBe(version);
  });

  test('again under its key: the same answer', async () => {
    const { version } = (await ask('GET', path)).body;
    const request = { body: { version, stops: inOrder(1, 0, 2) }, ...key('the-order') };
    const first = await ask('PUT', path, request);
    const second = await ask('PUT', path, request);
    expect(first.status).toBe(200);
    expect(second).toMatchObject({ status: 200, text: first.text, headers: { 'idempotent-replayed': 'true' } });
  });
});

describe('stops before', () => {
  const ahead = async (place: number) => (await ask('GET', `/v1/deliveries/${ids[place]}`)).body.stopsBefore;

  test('are counted up to the next stop of each, and go down as they are made', async () => {
    const { version } = (await ask('GET', path)).body;
    await ask('PUT', path, { body: { version, stops: inOrder(0, 1, 2) } });
    expect([await ahead(0), await ahead(1), await ahead(2)]).toEqual([0, 1, 2]);
    for (const id of ids) await ask('POST', `/v1/deliveries/${id}/status`, { body: { status: 'PICKED_UP' } });
    expect([await ahead(0), await ahead(1), await ahead(2)]).toEqual([0, 1, 2]);
    await ask('POST', `/v1/deliveries/${ids[0]}/status`, { body: { status: 'DELIVERED' }, as: given.shop });
    expect([await ahead(0), await ahead(1), await ahead(2)]).toEqual([null, 0, 1]);
    const { items } = (await ask('GET', '/v1/deliveries')).body;
    const listed = new Map(
      items.map((item: { id: string; stopsBefore: number | null }) => [item.id, item.stopsBefore]),
    );
    expect(ids.map((id) => listed.get(id))).toEqual([null, 0, 1]);
  });
});
