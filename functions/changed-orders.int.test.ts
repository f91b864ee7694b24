import { describe, expect, test } from 'vitest';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { sha256 } from '#shared/testing/inbound-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const read = async (id: string) => (await ask('GET', `/v1/deliveries/${id}`)).body;

describe('PATCH', () => {
  test('a driver’s order: another door, and their route and its times follow', async () => {
    const driver = await driverAt();
    const { body: made } = await ask('POST', '/v1/deliveries', { body: order });
    const far = { ...north(5_000), address: 'Elsewhere 5' };
    const changed = await ask('PATCH', `/v1/deliveries/${made.id}`, { body: { dropoff: far, notes: 'Ring twice' } });
    expect(changed).toMatchObject({
      status: 200,
      body: { status: 'ASSIGNED', driverId: driver.driverId, dropoff: far },
    });
    const before = Date.parse(made.plannedDropoffAt);
    await eventually(async () => Date.parse((await read(made.id)).plannedDropoffAt) > before + 120_000);
    const route = await ask('GET', `/v1/drivers/${driver.driverId}/route`, { as: driver });
    expect(route.body.stops.at(-1)).toMatchObject({ ...far, kind: 'dropoff' });
    const { events } = await read(made.id);
    expect(events.find((event: { type: string }) => event.type === 'CHANGED').data).toEqual({
      fields: ['dropoff.lat', 'notes', 'dropoff.address'],
    });
    const [sent] = await given.deps.db.run<{ n: number }>(
      `SELECT count(*)::int AS n FROM dispatch.outbox WHERE delivery_id = $1 AND event = 'DELIVERY_CHANGED_V1'`,
      [made.id],
    );
    expect(sent).toEqual({ n: 1 });
  });

  test('after the pickup: 409 that names what comes too late, and the recipient’s phone all the same', async () => {
    const driver = await driverAt();
    const { body } = await ask('POST', '/v1/deliveries', { body: order });
    await ask('POST', `/v1/deliveries/${body.id}/status`, { body: { status: 'PICKED_UP' }, as: driver });
    const path = `/v1/deliveries/${body.id}`;
    expect(await ask('PATCH', path, { body: { dropoff: { address: 'Elsewhere 5', phone: '1' } } })).toMatchObject({
      status: 409,
      body: {
        type: 'urn:problem:too_late',
        deliveryStatus: 'PICKED_UP',
        errors: [{ pointer: '/dropoff/address', detail: 'comes too late' }],
      },
    });
    expect(await ask('PATCH', path, { body: { dropoff: { phone: '+4930123' } } })).toMatchObject({ status: 200 });
    expect((await ask('GET', path, { as: driver })).body.dropoff.phone).toBe('+4930123');
  });
});

test('a stop that is exactly nowhere waits for its coordinates', async () => {
  const { body } = await ask('POST', '/v1/deliveries', { body: { ...order, dropoff: { lat: 0, lon: 0 } } });
  expect(body).toMatchObject({ dispatch: 'needs_location', dropoff: { lat: null, lon: null } });
});

describe('the plain hook', () => {
  async function hook() {
    await given.deps.db.run('UPDATE dispatch.shop SET inbound_static_sha256 = $2 WHERE id = $1', [
      given.shop.shopId,
      sha256('static'),
    ]);
    const [shop] = await given.deps.db.run<{ slug: string }>('SELECT slug FROM dispatch.shop WHERE id = $1', [
      given.shop.shopId,
    ]);
    return (body: unknown) =>
      ask('POST', `/v1/webhooks/vendure/${shop?.slug}`, { body, headers: { 'x-webhook-secret': 'static' } });
  }
  const said = (drop: object) => ({ sellerOrderId: 'S1', pickup: HERE, drop });

  test('an order that is known and has changed is changed, with its driver', async () => {
    const send = await hook();
    await driverAt();
    const first = await send(said({ ...north(200), address: 'Torstrasse 2' }));
    expect(first.body).toMatchObject({ status: 'ASSIGNED' });
    const moved = { ...north(400), address: 'Torstrasse 9' };
    expect((await send(said(moved))).body).toMatchObject({ status: 'ASSIGNED', message: 'Known already; changed' });
    expect((await read(first.body.deliveryId)).dropoff).toMatchObject(moved);
    // The same again: nothing happens, whatever a person has corrected since.
    await ask('PATCH', `/v1/deliveries/${first.body.deliveryId}`, {
      body: { dropoff: { address: 'Torstr. 9, back' } },
    });
    const { version } = await read(first.body.deliveryId);
    expect((await send(said(moved))).body.message).toBe('Accepted; a driver has it');
    expect(await read(first.body.deliveryId)).toMatchObject({ version, dropoff: { address: 'Torstr. 9, back' } });
  });

  test('sent again for another attempt in the same words, it leaves what a dispatcher has corrected', async () => {
    const send = await hook();
    const order = said({ ...north(200), address: 'Torstrasse 2' });
    const { deliveryId } = (await send(order)).body;
    const corrected = { ...north(400), address: 'Torstrasse 2, back' };
    await ask('PATCH', `/v1/deliveries/${deliveryId}`, { body: { dropoff: corrected } });
    await ask('POST', `/v1/deliveries/${deliveryId}/cancel`);
    expect((await send(order)).body.message).toContain('Another attempt');
    expect(await read(deliveryId)).toMatchObject({ attempt: 2, status: 'PENDING', dropoff: corrected });
  });

  test('after the pickup it says in words what comes too late', async () => {
    const send = await hook();
    const driver = await driverAt();
    const first = await send(said({ ...north(200), address: 'Torstrasse 2' }));
    await ask('POST', `/v1/deliveries/${first.body.deliveryId}/status`, { body: { status: 'PICKED_UP' }, as: driver });
    const late = await send(said({ ...north(200), address: 'Torstrasse 9' }));
    expect(late).toMatchObject({
      status: 202,
      body: { status: 'PICKED_UP', message: 'Known already; it is PICKED_UP; too late for dropoff.address' },
    });
    expect((await read(first.body.deliveryId)).dropoff.address).toBe('Torstrasse 2');
  });

  test('the same order again, after it was cancelled, failed or came back: another attempt', async () => {
    const send = await hook();
    const driver = await driverAt();
    const there = said({ ...north(200), address: 'Torstrasse 2' });
    const { deliveryId } = (await send(there)).body;
    const step = (status: string, rest = {}) =>
      ask('POST', `/v1/deliveries/${deliveryId}/status`, { body: { status, ...rest }, as: driver });
    await step('PICKED_UP');
    await step('FAILED', { failureCode: 'BAD_ADDRESS' });
    const right = said({ ...north(400), address: 'Torstrasse 9' });
    expect((await send(right)).body).toEqual({
      status: 'PICKED_UP',
      deliveryId,
      message: 'Another attempt; it is PICKED_UP',
    });
    expect(await read(deliveryId)).toMatchObject({
      attempt: 2,
      driverId: driver.driverId,
      dropoff: { address: 'Torstrasse 9' },
    });
    await step('FAILED', { failureCode: 'REFUSED' });
    await step('RETURNED');
    // Both at once: one of them asks for it, and the other finds it.
    const both = await Promise.all([send(right), send(right)]);
    expect(both.map(({ status }) => status)).toEqual([202, 202]);
    await eventually(async () => (await read(deliveryId)).status === 'ASSIGNED');
    expect(await read(deliveryId)).toMatchObject({ attempt: 3, failureCode: null, pickedUpAt: null, endedAt: null });
    await ask('POST', `/v1/deliveries/${deliveryId}/cancel`);
    expect((await send(right)).body.message).toContain('Another attempt');
  });

  test('another address without coordinates: nobody is sent to where the one before was', async () => {
    const send = await hook();
    await driverAt();
    const first = await send(said({ ...north(200), address: 'Torstrasse 2' }));
    await send(said({ address: 'Somewhere else 1' }));
    expect(await read(first.body.deliveryId)).toMatchObject({
      status: 'PENDING',
      dispatch: 'needs_location',
      dropoff: { lat: null, lon: null, address: 'Somewhere else 1' },
    });
  });
});
