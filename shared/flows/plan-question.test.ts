import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { north } from '#shared/testing/builders.ts';
import { planView } from '../contract/plan-answer.ts';
import { planQuestion } from '../contract/plans.ts';
import type { ShopRow } from '../db/schema.ts';
import { answerPlanQuestion } from './plan-question.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 14);
const at = (minute: number) => new Date(NOW_MS + minute * 60_000).toISOString();
const shop = { policy: 'planned', max_radius_m: 10_000, dispatch: {} } as ShopRow;
const answer = (body: object, of = shop) => answerPlanQuestion(of, v.parse(planQuestion, { now: at(0), ...body }));
const delivery = (id: string, rest: object = {}) => ({
  id,
  placedAt: at(-1),
  pickup: north(0),
  dropoff: north(1_000),
  ...rest,
});

test('an idle driver near by is told at once of the only order there is', () => {
  const { routes, held, unplanned, decisions, costS, travel } = answer({
    drivers: [
      { id: 'near', position: north(100) },
      { id: 'far', position: north(9_000) },
    ],
    deliveries: [delivery('a')],
  });
  const stops = [
    { deliveryId: 'a', kind: 'pickup', at: expect.any(String) },
    { deliveryId: 'a', kind: 'dropoff', at: expect.any(String) },
  ];
  expect(routes).toEqual([
    { driverId: 'far', stops: [], tell: false, reason: null },
    { driverId: 'near', stops, tell: true, reason: 'must_leave' },
  ]);
  expect({ held, unplanned, travel }).toEqual({ held: [], unplanned: [], travel: 'estimate' });
  const [{ parts, alternatives, ...decision }] = decisions as [(typeof decisions)[number]];
  expect(decision).toMatchObject({ deliveryId: 'a', driverId: 'near', ruledOut: {} });
  expect(parts!.waitingS + parts!.lateS + parts!.drivingS + parts!.otherS).toBe(decision.costS);
  expect(alternatives).toEqual([{ driverId: 'far', extraS: expect.any(Number) }]);
  expect(costS).toBeGreaterThan(0);
});

test('what is held, what is scheduled, and what nobody can bring say why', () => {
  const { held, unplanned } = answer({
    drivers: [{ id: 'd', position: north(100) }],
    deliveries: [
      delivery('later', { pickup: { ...north(0), readyAt: at(60) } }),
      delivery('tomorrow', { pickup: { ...north(0), readyAt: at(24 * 60) } }),
      delivery('cold', { requires: ['cold'] }),
    ],
  });
  expect(held).toEqual([
    { deliveryId: 'later', driverId: 'd', until: expect.any(String), reason: 'not_ready' },
    { deliveryId: 'tomorrow', driverId: null, until: at(21 * 60), reason: 'scheduled' },
  ]);
  expect(unplanned).toEqual([{ deliveryId: 'cold', reason: 'tags', help: ['a driver with the tag cold'] }]);
});

test('the shop’s settings stand where the question names none', () => {
  const body = { drivers: [{ id: 'd', position: north(5_000) }], deliveries: [delivery('a')] };
  expect(answer(body).unplanned).toEqual([]);
  const narrow = { ...shop, max_radius_m: 1_000 };
  expect(answer(body, narrow).unplanned).toMatchObject([{ reason: 'too_far' }]);
  expect(answer({ ...body, settings: { maxRadiusM: 6_000 } }, narrow).unplanned).toEqual([]);
  const nearest = answer({ ...body, settings: { policy: 'nearest' } });
  expect(nearest.routes).toMatchObject([{ driverId: 'd', tell: true, reason: 'at_once' }]);
});

test('who said yes to an order keeps it: where drivers are asked, it is not planned for somebody nearer', () => {
  const route = (['pickup', 'dropoff'] as const).map((kind) => ({ deliveryId: 'a', kind }));
  const body = {
    drivers: [
      { id: 'far', position: north(9_000), route },
      { id: 'near', position: north(100) },
    ],
    deliveries: [delivery('a')],
  };
  const whoIn = (dispatch: object) =>
    answer(body, { ...shop, dispatch } as ShopRow).routes.find(({ stops }) => stops.length > 0)!.driverId;
  expect(whoIn({})).toBe('near');
  expect(whoIn({ mode: 'offer' })).toBe('far');
  expect(whoIn({ mode: 'broadcast', takeBack: true })).toBe('far');
});

test('a driver who is told of the same stops in another order is told why nothing is new', () => {
  const route = ['far', 'near'].map((deliveryId) => ({ deliveryId, kind: 'dropoff' }));
  const { routes } = answer({
    drivers: [{ id: 'd', position: north(0), capacity: 2, route }],
    deliveries: [delivery('far', { dropoff: north(4_000) }), delivery('near', { dropoff: north(500) })],
    settings: { bundle: 'any' },
  });
  expect(routes).toMatchObject([
    { tell: true, reason: 'rearranged', stops: [{ deliveryId: 'near' }, { deliveryId: 'far' }] },
  ]);
});

/** Questions as the contract takes them, the odd ones too: hard windows in the past, drivers on the other side of the world. */
const place = fc.record({
  lat: fc.double({ min: -85, max: 85, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
});
const town = fc.integer({ min: -5_000, max: 5_000 }).map((metres) => north(metres));
const where = fc.oneof({ weight: 9, arbitrary: town }, place);
const minutes = fc.integer({ min: -600, max: 3_000 });
const moment = fc.option(minutes.map(at), { nil: null });
const window = fc
  .tuple(moment, moment)
  .map(([a, b]) => (a !== null && b !== null && a > b ? { after: b, before: a } : { after: a, before: b }));
const end = fc.tuple(where, window, fc.option(fc.integer({ min: 0, max: 14_400 }))).map(([placed, when, serviceS]) => {
  return { ...placed, ...when, serviceS };
});
const tagList = fc.uniqueArray(fc.constantFrom('cold', 'heavy'));
const driverIds = ['d0', 'd1', 'd2', 'd3'];
const oneDelivery = fc.record({
  placedAt: minutes.map(at),
  pickup: fc.tuple(end, moment).map(([stop, readyAt]) => ({ ...stop, readyAt })),
  dropoff: end,
  size: fc.integer({ min: 1, max: 5 }),
  requires: tagList,
  priority: fc.integer({ min: -5, max: 5 }),
  hardWindows: fc.boolean(),
  excludedDriverIds: fc.uniqueArray(fc.constantFrom(...driverIds)),
});
const oneDriver = fc.record({
  position: where,
  freeAt: moment,
  capacity: fc.integer({ min: 1, max: 8 }),
  vehicle: fc.constantFrom('bicycle', 'van', null),
  tags: tagList,
  shiftEndsAt: moment,
});
const settings = fc.record(
  {
    policy: fc.constantFrom('planned', 'nearest'),
    bundle: fc.constantFrom('none', 'same_pickup', 'any'),
    maxAboardS: fc.option(fc.integer({ min: 60, max: 7_200 }), { nil: null }),
    maxRadiusM: fc.integer({ min: 1, max: 200_000 }),
    takeBack: fc.boolean(),
    economy: fc.double({ min: 0, max: 1, noNaN: true }),
    fairness: fc.double({ min: 0, max: 1, noNaN: true }),
    planAheadS: fc.integer({ min: 60, max: 86_400 }),
  },
  { requiredKeys: [] },
);
/** Who has which delivery: nobody, to be collected, aboard, or to be brought back. */
const hand = fc.record({ driver: fc.integer({ min: -4, max: 3 }), kind: fc.constantFrom('told', 'aboard', 'return') });
const question = fc
  .record({
    deliveries: fc.array(fc.tuple(oneDelivery, hand), { maxLength: 8 }),
    drivers: fc.array(oneDriver, { maxLength: 4 }),
    settings,
  })
  .map(({ deliveries, drivers, ...rest }) => ({
    ...rest,
    deliveries: deliveries.map(([each], n) => ({ id: `o${n}`, ...each })),
    drivers: drivers.map((each, n) => ({
      id: driverIds[n]!,
      ...each,
      route: deliveries.flatMap(([, { driver, kind }], place) => {
        if (driver !== n) return [];
        const last = { deliveryId: `o${place}`, kind: kind === 'return' ? 'return' : 'dropoff' };
        return kind === 'told' ? [{ deliveryId: `o${place}`, kind: 'pickup' }, last] : [last];
      }),
    })),
  }));

test('whatever the contract lets in is planned, as the contract says plans look, and again to the same bytes', () => {
  fc.assert(
    fc.property(question, (body) => {
      const first = answer(body);
      expect(v.parse(v.strictObject(planView.entries), first)).toEqual(first);
      expect(JSON.stringify(answer(structuredClone(body)))).toBe(JSON.stringify(first));
      const named = [...first.routes.flatMap(({ stops }) => stops), ...first.held, ...first.unplanned];
      expect(new Set(named.map(({ deliveryId }) => deliveryId))).toEqual(new Set(body.deliveries.map(({ id }) => id)));
    }),
    { numRuns: 100 },
  );
});
