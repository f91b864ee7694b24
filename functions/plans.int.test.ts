import { expect, test } from 'vitest';
import { openLimits } from '#shared/composition/open-limits.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { openAsk } from '#shared/testing/ask.ts';
import { givenAskingShop, rowCounts } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const now = '2026-11-22T14:00:00.000Z';
const question = {
  now,
  drivers: [{ id: 'Asha', position: HERE }],
  deliveries: [{ id: 'first', placedAt: now, pickup: north(100), dropoff: north(900) }],
};

test('a plan for a question: who would be told what; nothing is touched', async () => {
  await driverAt();
  const counts = await rowCounts(given.deps.db);
  const { status, body } = await ask('POST', '/v1/plans', { body: question });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    routes: [{ driverId: 'Asha', tell: true, stops: [{ kind: 'pickup' }, { kind: 'dropoff', deliveryId: 'first' }] }],
    held: [],
    unplanned: [],
    travel: 'estimate',
  });
  expect(await rowCounts(given.deps.db)).toEqual(counts);
});

const drivers = Array.from({ length: 12 }, (_, n) => ({ id: `driver ${n}`, position: north(200 * n), capacity: 3 }));
const deliveries = Array.from({ length: 40 }, (_, n) => ({
  id: `order ${n}`,
  placedAt: now,
  pickup: north(500 * (n % 3)),
  dropoff: north(137 * n),
  size: 1 + (n % 2),
}));

test('equal questions get equal bytes, in whatever order their lists are', async () => {
  const text = async (body: object) => (await ask('POST', '/v1/plans', { body })).text;
  const first = await text({ now, drivers, deliveries });
  expect(JSON.parse(first).rounds).toBeGreaterThan(0);
  expect(await text({ now, drivers, deliveries })).toBe(first);
  expect(await text({ deliveries: deliveries.toReversed(), drivers: drivers.toReversed(), now })).toBe(first);
});

test('of many plans that are asked for at once each is made by itself, and between two of them others have their turn', async () => {
  let isOver = false;
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  turn();
  const madeAt = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const body = { now, drivers, deliveries: deliveries.slice(0, 5) };
      expect((await ask('POST', '/v1/plans', { body })).status).toBe(200);
      return turns;
    }),
  );
  isOver = true;
  expect(new Set(madeAt).size).toBe(4);
});

test('a plan costs what it took', async () => {
  const none = { driverPerMinute: 0, shopPerMinute: 0, refusalsPerMinute: 0, streamsPerKey: 0, streamsPerShop: 0 };
  const settings = { ...none, keyPerMinute: 60_000, shopStoredKeysPerDay: 0, driverStoredKeysPerDay: 0 };
  const limits = openLimits(
    settings,
    { availability: null, shops: given.deps.shops },
    { nowMs: () => 0, later: () => {} },
  );
  const limited = { ...given.deps, limits };
  const body = { now, drivers, deliveries };
  expect((await openAsk(endpoints, limited, given.shop)('POST', '/v1/plans', { body })).status).toBe(200);
  // Its body alone counts three.
  expect(limits.spend(given.shop, 0)?.left).toBeLessThan(60_000 - 10);
});

test('the shop’s own settings count, unless the question has others', async () => {
  await ask('PATCH', `/v1/shops/${given.shop.shopId}`, { body: { dispatch: { maxRadiusM: 50 } } });
  expect((await ask('POST', '/v1/plans', { body: question })).body.unplanned).toMatchObject([
    { deliveryId: 'first', reason: 'too_far' },
  ]);
  const wider = { ...question, settings: { maxRadiusM: 500 } };
  expect((await ask('POST', '/v1/plans', { body: wider })).body.unplanned).toEqual([]);
});

test('what is beyond the limits or contradicts itself is refused, each with its place', async () => {
  const many = {
    ...question,
    deliveries: Array.from({ length: 301 }, (_, n) => ({ ...question.deliveries[0], id: `${n}` })),
  };
  const lost = { ...question, drivers: [{ ...question.drivers[0], route: [{ deliveryId: 'gone', kind: 'dropoff' }] }] };
  const refused = async (body: object) => {
    const answer = await ask('POST', '/v1/plans', { body });
    return [answer.status, answer.body.errors?.map(({ pointer }: { pointer: string }) => pointer)];
  };
  expect(await refused(many)).toEqual([422, ['/deliveries']]);
  expect(await refused(lost)).toEqual([422, ['/drivers/0/route/0/deliveryId']]);
  expect((await ask('POST', '/v1/plans', { raw: `{"now":"${'x'.repeat(1024 * 1024)}"}` })).status).toBe(413);
});

test('who reads may ask; drivers and nobody may not', async () => {
  const reader: ShopPrincipal = { ...given.shop, scopes: ['read'] };
  const asked = async (as: ShopPrincipal | Awaited<ReturnType<typeof driverAt>> | null) =>
    (await ask('POST', '/v1/plans', { body: question, as })).status;
  expect([await asked(reader), await asked(await driverAt()), await asked(null)]).toEqual([200, 403, 401]);
});
