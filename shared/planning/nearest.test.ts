import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plan } from './plan.ts';
import type { DriverOnDuty, OpenDelivery, Plan } from './question.ts';
import { randomQuestion, shuffled } from './questions.testing.ts';
import { driver, driverOf, heldFor, inS, order, road, routeOf, stops, told } from './road.testing.ts';
import type { PlanSettings } from './settings.ts';

const nearest = (
  deliveries: readonly OpenDelivery[],
  drivers: readonly DriverOnDuty[],
  settings: Partial<PlanSettings> = {},
): Plan => plan(road(deliveries, drivers, { policy: 'nearest', ...settings }));

test('whoever waits longest chooses first and gets the nearest driver, at once', () => {
  const long = order('long', 100, 500, { waitingSinceMs: inS(-60) });
  const short = order('a-short', 100, 500, { placedAtMs: inS(-40) });
  const answer = nearest([short, long], [driver('far', 300), driver('near', 110)]);
  expect(told(answer)).toEqual(['far: a-short at_once', 'near: long at_once']);
  expect(answer.held).toEqual([]);
});

test('equally near, it is whoever has been idle for longer, in steps of five minutes, then by id', () => {
  const idle = (id: string, minutes: number) => driver(id, 100, { idleSinceMs: inS(-60 * minutes) });
  const first = (...drivers: DriverOnDuty[]) => driverOf(nearest([order('d', 100, 500)], drivers), 'd');
  expect(first(idle('a', 4), idle('b', 5))).toBe('b');
  expect(first(idle('a', 5), idle('b', 9))).toBe('a');
});

test('readiness and windows decide neither who nor when, and still the times are true', () => {
  const later = order('d', 100, 500, {
    pickup: { place: 100, readyAtMs: inS(2_000) },
    dropoff: { place: 500, afterMs: inS(0), beforeMs: inS(60) },
    hardWindows: true,
  });
  const answer = nearest([later], [driver('c', 0)]);
  expect(told(answer)).toEqual(['c: d at_once']);
  expect(answer.changes[0]!.stops.map(({ atMs }) => atMs)).toEqual([inS(2_000), inS(2_400)]);
});

test('deliveries are spread as long as there are drivers, then go behind what was given, as long as there is room', () => {
  const orders = ['a', 'b', 'c', 'd'].map((id, k) => order(id, 100, 500, { placedAtMs: inS(k - 10) }));
  const answer = nearest(orders, [driver('near', 100, { capacity: 2 }), driver('next', 200)]);
  expect(routeOf(answer, 'near')).toEqual(['+a', '-a', '+c', '-c']);
  expect(routeOf(answer, 'next')).toEqual(['+b', '-b']);
  expect(answer.unplanned).toEqual([
    { deliveryId: 'd', reason: 'route_in_hand', help: ['a driver with less in hand'] },
  ]);
});

test.each<[string, DriverOnDuty, Partial<OpenDelivery>, string]>([
  ['excluded', driver('c', 100), { excludedDriverIds: ['c'] }, 'excluded'],
  ['on a break', driver('c', 100, { takesNew: false, capacity: 2, route: stops('-x') }), {}, 'off_duty'],
  ['without the tag', driver('c', 100, { tags: ['heavy'] }), { requires: ['cold'] }, 'tags'],
  ['too small', driver('c', 100, { capacity: 2 }), { size: 3 }, 'capacity'],
  ['out of range', driver('c', 1_101), {}, 'too_far'],
  ['free later only', driver('c', 100, { freeAtMs: inS(1) }), {}, 'route_in_hand'],
  ['full', driver('c', 100, { route: stops('-x') }), {}, 'route_in_hand'],
  ['wanted by an open offer', driver('c', 100, { capacity: 2, reserved: 2 }), {}, 'capacity'],
  ['at the end of the shift before it is done', driver('c', 100, { shiftEndsAtMs: inS(399) }), {}, 'shift_end'],
])('a driver is not asked who is %s', (_, who, more, reason) => {
  const inHand = who.route ? [order('x', 0, 100)] : [];
  const answer = nearest([...inHand, order('d', 100, 500, more)], [who]);
  expect(answer.unplanned).toMatchObject([{ deliveryId: 'd', reason }]);
  expect(answer.changes).toEqual([]);
});

test('what has a longer way than it may be aboard is given to nobody', () => {
  const ask = (maxAboardS: number) => nearest([order('d', 100, 500)], [driver('c', 0)], { maxAboardS });
  expect(told(ask(400))).toEqual(['c: d at_once']);
  expect(ask(399).unplanned).toMatchObject([{ deliveryId: 'd', reason: 'aboard_too_long' }]);
});

test('what is in hand stays as it is, and new stops come behind it', () => {
  const busy = driver('c', 0, { capacity: 3, route: stops('+x', '-x') });
  const answer = nearest([order('x', 900, 950), order('d', 100, 500)], [busy]);
  expect(routeOf(answer, 'c')).toEqual(['+x', '-x', '+d', '-d']);
  expect(answer.changes).toMatchObject([{ told: [{ deliveryId: 'd' }], taken: [] }]);
});

test('what is for later is scheduled under this policy too', () => {
  const tomorrow = order('d', 100, 500, { pickup: { place: 100, readyAtMs: inS(86_400) } });
  expect(heldFor(nearest([tomorrow], [driver('c', 0)], { planAheadS: 3_600 }))).toEqual([`d scheduled ${82_800}`]);
});

test('its records say what others would have cost', () => {
  const { decisions } = nearest([order('d', 100, 500)], [driver('c', 90), driver('e', 300)], { driverPrice: 0 });
  expect(decisions).toMatchObject([{ driverId: 'c', costS: 410, alternatives: [{ driverId: 'e', extraS: 190 }] }]);
});

test('no driver gets more than fits, nobody gets what somebody has, and the order of lists changes nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (seed) => {
      const random = randomQuestion(seed);
      const question = { ...random, settings: { ...random.settings, policy: 'nearest' as const } };
      const answer = plan(question);
      expect(plan(shuffled(question, seed))).toEqual(answer);
      const given = answer.changes.flatMap(({ told: list }) => list.map(({ deliveryId }) => deliveryId));
      const inHand = new Set(question.drivers.flatMap(({ route = [] }) => route.map(({ deliveryId }) => deliveryId)));
      expect(new Set(given).size).toBe(given.length);
      expect(given.filter((id) => inHand.has(id))).toEqual([]);
      const sizes = new Map(question.deliveries.map(({ id, size = 1 }) => [id, size]));
      for (const change of answer.changes) {
        const { capacity = 1, reserved = 0 } = question.drivers.find(({ id }) => id === change.driverId)!;
        const ids = [...new Set(change.stops.map(({ deliveryId }) => deliveryId))];
        expect(ids.reduce((sum, id) => sum + sizes.get(id)!, 0)).toBeLessThanOrEqual(capacity - reserved);
      }
    }),
  );
});
