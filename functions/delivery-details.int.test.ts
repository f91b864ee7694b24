import * as v from 'valibot';
import { expect, test } from 'vitest';
import { webhookEvent } from '#shared/contract/webhook-event.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

test('what is said of a delivery is shown again, and may be changed while it waits', async () => {
  const { driverId } = await driverAt();
  const said = {
    pickup: { ...order.pickup, readyAt: soon(5), after: soon(0), before: soon(30), serviceS: 0 },
    dropoff: { ...order.dropoff, after: soon(20), before: soon(60), serviceS: 240 },
    size: 3,
    requires: ['cold'],
    priority: 2,
    hardWindows: true,
    excludedDriverIds: [driverId],
  };
  const { status, body } = await ask('POST', '/v1/deliveries', { body: said });
  expect(status).toBe(201);
  expect(body).toMatchObject({ ...said, status: 'PENDING', pinned: false });
  const at = `/v1/deliveries/${body.id}`;
  const change = {
    pickup: { before: soon(40) },
    requires: [],
    hardWindows: false,
    priority: 0,
    excludedDriverIds: null,
  };
  const changed = await ask('PATCH', at, { body: change });
  expect(changed.body).toMatchObject({
    pickup: { ...said.pickup, before: change.pickup.before },
    dropoff: said.dropoff,
    size: 3,
    requires: [],
    priority: 0,
    hardWindows: false,
    excludedDriverIds: [driverId],
  });
  expect((await ask('GET', at)).body).toMatchObject({ requires: [], pickup: changed.body.pickup });
});

test('an order that says nothing of all this has the defaults, and its driver does not see who is left out', async () => {
  const driver = await driverAt();
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  const defaults = {
    size: 1,
    requires: [],
    priority: 0,
    hardWindows: false,
    heldUntil: null,
    heldReason: null,
    pinned: false,
  };
  expect(body).toMatchObject({ ...defaults, driverId: driver.driverId, dispatch: 'settled', excludedDriverIds: [] });
  expect(Date.parse(body.plannedPickupAt)).toBeLessThan(Date.parse(body.plannedDropoffAt));
  for (const end of [body.pickup, body.dropoff]) expect(Object.keys(end)).toEqual(['lat', 'lon']);
  const seen = (await ask('GET', `/v1/deliveries/${body.id}`, { as: driver })).body;
  expect(seen).toMatchObject(defaults);
  expect(seen).not.toHaveProperty('excludedDriverIds');
});

test('the shop hears of each event as the contract says, with the planned times where there are any', async () => {
  await driverAt();
  await ask('POST', '/v1/deliveries', { body: { dropoff: {} } });
  await ask('POST', '/v1/deliveries', { body: order });
  const rows = await given.deps.db.run<{ body: string }>(
    'SELECT body FROM dispatch.outbox WHERE shop_id = $1 ORDER BY delivery_id, seq',
    [given.shop.shopId],
  );
  const events = rows.map(({ body }) => v.parse(v.strictObject(webhookEvent.entries), JSON.parse(body)));
  expect(events.map(({ event, plannedDropoffAt }) => [event, plannedDropoffAt !== null])).toEqual([
    ['DELIVERY_CREATED_V1', false],
    ['DELIVERY_CREATED_V1', true],
    ['DELIVERY_ASSIGNED_V1', true],
  ]);
});

test('an order for tomorrow is scheduled, holds no driver, and can be listed by that', async () => {
  await driverAt();
  const later = { ...order, pickup: { ...order.pickup, readyAt: soon(24 * 60) } };
  const { body } = await ask('POST', '/v1/deliveries', { body: later });
  expect(body).toMatchObject({
    dispatch: 'scheduled',
    driverId: null,
    heldReason: 'scheduled',
    heldUntil: expect.any(String),
  });
  expect((await ask('GET', '/v1/deliveries?dispatch=scheduled')).body.items).toMatchObject([{ id: body.id }]);
});

test('a driver has tags and an end of shift, and both can be taken away', async () => {
  const shiftEndsAt = soon(120);
  const { body: made } = await ask('POST', '/v1/drivers', {
    body: { name: 'Asha', tags: ['cold'], shiftEndsAt, capacity: 8 },
  });
  expect(made).toMatchObject({ tags: ['cold'], shiftEndsAt, capacity: 8 });
  expect(made).not.toHaveProperty('reserved');
  const at = `/v1/drivers/${made.id}`;
  expect((await ask('PATCH', at, { body: { name: 'Asha R.' } })).body).toMatchObject({ tags: ['cold'], shiftEndsAt });
  expect((await ask('PATCH', at, { body: { tags: [], shiftEndsAt: null } })).body).toMatchObject({
    tags: [],
    shiftEndsAt: null,
  });
});
