import { expect, test } from 'vitest';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { north } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

test('why a delivery was given to whom: a sentence, the others, and the plan', async () => {
  const near = await driverAt();
  const far = await driverAt(north(2_000));
  const { id } = (await ask('POST', '/v1/deliveries', { body: order })).body;
  const { status, body } = await ask('GET', `/v1/deliveries/${id}/decisions`);
  expect(status).toBe(200);
  expect(body).toEqual({
    items: [
      {
        at: expect.stringMatching(/Z$/),
        outcome: 'assigned',
        driverId: near.driverId,
        reason: expect.stringMatching(/^\w+$/),
        sentence: expect.stringMatching(/^Given to Driver 0: .*; Driver 0 would have .*\.$/),
        costS: expect.any(Number),
        parts: expect.any(Object),
        alternatives: [{ driverId: far.driverId, extraS: expect.any(Number) }],
        ruledOut: {},
        plan: {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          deliveries: 1,
          drivers: 2,
          rounds: expect.any(Number),
          ms: expect.any(Number),
          travel: 'estimate',
        },
      },
    ],
    next: null,
  });
});

test('what a person decides is the newest of them', async () => {
  const { driverId } = await driverAt();
  const other = await driverAt(north(500));
  const { id } = (await ask('POST', '/v1/deliveries', { body: order })).body;
  await ask('POST', `/v1/deliveries/${id}/assign`, { body: { driverId: other.driverId } });
  expect((await ask('GET', `/v1/deliveries/${id}/decisions`)).body.items).toMatchObject([
    { outcome: 'assigned', driverId: other.driverId, reason: 'by_hand', sentence: 'Given to Driver 0 by hand.' },
    { outcome: 'assigned', driverId },
  ]);
});

test('newest first, page after page, also records that say little', async () => {
  const { id } = (await ask('POST', '/v1/deliveries', { body: order })).body;
  await given.deps.db.run('DELETE FROM dispatch.dispatch_decision WHERE delivery_id = $1', [id]);
  // Ids of one millisecond have no order, so each has one of its own.
  await given.deps.db.run(
    `INSERT INTO dispatch.dispatch_decision (id, delivery_id, shop_id, plan_id, outcome, reason, policy, data)
     SELECT lpad(n::text, 32, '0')::uuid, $1, $2, $1, 'held', reason, 'planned', '{}'
     FROM unnest(ARRAY['not_ready', 'may_join_a_trip', 'scheduled']) WITH ORDINALITY t(reason, n)`,
    [id, given.shop.shopId],
  );
  const first = (await ask('GET', `/v1/deliveries/${id}/decisions?limit=2`)).body;
  expect(first.items).toMatchObject([
    { reason: 'scheduled', sentence: 'Left for later: nobody has to leave for it yet.', alternatives: [], costS: null },
    { reason: 'may_join_a_trip', sentence: 'Held: it may join a trip.', plan: { drivers: null, travel: null } },
  ]);
  const second = (await ask('GET', `/v1/deliveries/${id}/decisions?limit=2&cursor=${first.next}`)).body;
  expect(second).toMatchObject({ items: [{ reason: 'not_ready' }], next: null });
});

test('are for the shop alone', async () => {
  const driver = await driverAt();
  const { id } = (await ask('POST', '/v1/deliveries', { body: order })).body;
  const path = `/v1/deliveries/${id}/decisions`;
  expect(await ask('GET', path, { as: driver })).toMatchObject({ status: 403 });
  const elsewhere = { ...given.shop, shopId: '01a21805-1dc3-714e-853d-b13fef2c118b' };
  expect(await ask('GET', path, { as: elsewhere })).toMatchObject({ status: 404 });
});
