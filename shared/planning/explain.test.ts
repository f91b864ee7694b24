import { expect, test } from 'vitest';
import { leastCostWith } from './brute-force.testing.ts';
import { routeCost } from './checker.testing.ts';
import { plan } from './plan.ts';
import type { DriverOnDuty, OpenDelivery } from './question.ts';
import { cityQuestion, randomQuestion } from './questions.testing.ts';
import { driver, inS, order, road } from './road.testing.ts';
import type { PlanSettings } from './settings.ts';

test('what a record says of an alternative is what it costs, and its parts are the whole', { timeout: 60_000 }, () => {
  let checked = 0;
  for (let seed = 1; seed <= 70; seed += 1) {
    const random = randomQuestion(seed);
    const question = { ...random, settings: { ...random.settings, explain: 'all' as const } };
    const answer = plan(question);
    const routes = new Map(answer.routes.map(({ driverId, stops }) => [driverId, stops]));
    for (const { deliveryId, driverId, costS, parts, alternatives } of answer.decisions) {
      if (driverId === null || parts === null) continue;
      expect(parts.waitingS + parts.lateS + parts.drivingS + parts.otherS).toBe(costS);
      const without = routes.get(driverId)!.filter((stop) => stop.deliveryId !== deliveryId);
      // Without it the driver would be early, and have what comes next aboard for too long while waiting for its window.
      if (routeCost(question, driverId, without) === Number.POSITIVE_INFINITY) continue;
      for (const { driverId: other, extraS } of alternatives) {
        // What a driver was told may be mixed in ways that nobody is told anew: it may cost less than is said.
        const holds = question.drivers.find(({ id }) => id === other)!.route ?? [];
        if (question.settings.bundle !== 'any' && holds.some((stop) => stop.deliveryId === deliveryId)) continue;
        const least = leastCostWith(question, deliveryId, other, new Map(routes).set(driverId, without));
        expect(Math.abs(least - answer.costS - extraS), `seed ${seed}: ${deliveryId} to ${other}`).toBeLessThan(1);
        checked += 1;
      }
    }
  }
  expect(checked).toBeGreaterThan(150);
});

test('it says what customers, lateness and driving cost', () => {
  const settings = { promiseS: 100, lateWeight: 5, driverPrice: 0.5 };
  const { decisions } = plan(road([order('d', 100, 500)], [driver('c', 0)], settings));
  // 500 s from ordering to the door, of which 400 are late, and all of it on the way.
  const parts = { waitingS: 500, lateS: 2_000, drivingS: 250, otherS: 0 };
  expect(decisions).toMatchObject([{ costS: 2_750, parts, alternatives: [], ruledOut: {} }]);
});

test('it counts who was ruled out, by what', () => {
  const d = order('d', 100, 500, { requires: ['cold'], excludedDriverIds: ['no'], size: 2 });
  const cold = { tags: ['cold'], capacity: 2 };
  const { decisions } = plan(
    road(
      [d],
      [
        driver('yes', 100, cold),
        driver('no', 100, cold),
        driver('warm-1', 100, { capacity: 2 }),
        driver('warm-2', 100, { capacity: 2 }),
        driver('small', 100, { tags: ['cold'] }),
        driver('far', 5_000, cold),
        driver('tired', 100, { ...cold, shiftEndsAtMs: inS(0) }),
      ],
    ),
  );
  expect(decisions[0]).toMatchObject({
    driverId: 'yes',
    ruledOut: { excluded: 1, tags: 2, capacity: 1, too_far: 1, shift_end: 1 },
  });
});

test('records are made of what is told now and of what nobody takes; of all or of nothing where the settings say so', () => {
  const deliveries = [
    order('told', 100, 500),
    order('held', 100, 500, { pickup: { place: 100, readyAtMs: inS(9_000) } }),
    order('nobody', 100, 500, { requires: ['cold'] }),
  ];
  const ask = (explain: PlanSettings['explain']) =>
    plan(road(deliveries, [driver('c', 100)], { explain })).decisions.map(({ deliveryId }) => deliveryId);
  expect(ask('told')).toEqual(['nobody', 'told']);
  expect(ask('all')).toEqual(['held', 'nobody', 'told']);
  expect(ask('none')).toEqual([]);
});

test('five alternatives at most, best first', () => {
  const { decisions } = plan({ ...cityQuestion(10, 20), settings: { explain: 'all' } });
  for (const { alternatives } of decisions) {
    const extras = alternatives.map(({ extraS }) => extraS);
    expect(extras).toHaveLength(5);
    expect(extras).toEqual([...extras].sort((a, b) => a - b));
  }
  expect(decisions).toHaveLength(10);
});

const d = order('d', 100, 500);
test.each<[string, OpenDelivery, DriverOnDuty[], Partial<PlanSettings>, string, string]>([
  ['nobody is on duty', d, [], {}, 'no_driver', 'a driver on duty'],
  ['it is too large', { ...d, size: 3 }, [driver('c', 0, { capacity: 2 })], {}, 'capacity', 'a driver with room for 3'],
  ['a tag is missing', { ...d, requires: ['cold'] }, [driver('c', 0)], {}, 'tags', 'a driver with the tag cold'],
  ['all declined', { ...d, excludedDriverIds: ['c'] }, [driver('c', 0)], {}, 'excluded', 'asking a driver again who'],
  ['all are on a break', d, [driver('c', 0, { takesNew: false })], {}, 'off_duty', 'comes back from their break'],
  ['all are too far', d, [driver('c', 0)], { maxRadiusM: 999 }, 'too_far', 'a driver nearer to the pickup'],
  ['the shift ends', d, [driver('c', 0, { shiftEndsAtMs: inS(499) })], {}, 'shift_end', 'shift ends later'],
  [
    'its window cannot be kept',
    { ...d, dropoff: { place: 500, beforeMs: inS(200) }, hardWindows: true },
    [driver('c', 0)],
    {},
    'window',
    'a window that ends 5 min later',
  ],
  [
    'its way is longer than it may be aboard',
    d,
    [driver('c', 0)],
    { maxAboardS: 399 },
    'aboard_too_long',
    'maxAboardS',
  ],
  ['it costs more than it is worth', d, [driver('c', 0)], { unservedS: 400 }, 'too_costly', 'one more driver'],
])('it says why nobody has it and what would help: %s', (_, delivery, drivers, settings, reason, help) => {
  const answer = plan(road([delivery], drivers, settings));
  expect(answer.unplanned).toMatchObject([{ deliveryId: 'd', reason }]);
  expect(answer.unplanned[0]!.help.join()).toContain(help);
  expect(answer.decisions).toMatchObject([{ deliveryId: 'd', driverId: null, costS: null, parts: null }]);
});

test('how much later a window would have to end is said of whoever would be late, and nothing else', () => {
  const window = order('d', 0, 1_000, { dropoff: { place: 1_000, beforeMs: inS(3_600) }, hardWindows: true });
  const far = driver('far', 3_500);
  const tired = (place: number) => driver('tired', place, { shiftEndsAtMs: inS(2_400) });
  const helpOf = (...drivers: DriverOnDuty[]) =>
    plan(road([window], drivers, { maxRadiusM: Number.POSITIVE_INFINITY })).unplanned[0]!.help;
  // There at 4,500 s; the other one would be in time, or a little late, if their shift did not end.
  expect(helpOf(far, tired(2_000))).toEqual(['a window that ends 15 min later', 'a driver whose shift ends later']);
  expect(helpOf(far, tired(2_700))).toEqual(['a window that ends 15 min later']);
  expect(helpOf(tired(2_700))).toEqual(['a window that ends later']);
});

test('an empty question has an empty answer', () => {
  expect(plan(road([], []))).toMatchObject({ routes: [], changes: [], held: [], unplanned: [], costS: 0 });
  expect(plan(road([], [driver('c', 0)])).routes).toEqual([{ driverId: 'c', stops: [] }]);
});
