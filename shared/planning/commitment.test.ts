import { expect, test } from 'vitest';
import { planFaults } from './checker.testing.ts';
import { plan } from './plan.ts';
import { cityQuestion, randomQuestion } from './questions.testing.ts';
import { driver, driverOf, heldFor, inS, names, order, road, routeOf, stops, told } from './road.testing.ts';

test('a plain order in a calm shop is told to the best of the idle drivers at once', () => {
  const answer = plan(road([order('d', 100, 500)], [driver('far', 900), driver('near', 150)]));
  expect(told(answer)).toEqual(['near: d must_leave']);
  expect(answer.held).toEqual([]);
});

test('nothing waits for a driver on a break, however soon they come by with room', () => {
  const aboard = order('x', 100, 100);
  const passesBy = (takesNew: boolean) => driver('by', 99, { takesNew, route: stops('-x') });
  const ask = (takesNew: boolean) =>
    plan(road([order('d', 100, 500), aboard], [passesBy(takesNew), driver('far', 900)]));
  expect(heldFor(ask(true))).toEqual(['d no_room_yet 30']);
  expect(told(ask(false))).toEqual(['far: d must_leave']);
});

test('however late it will be, it is brought by whoever can', () => {
  const hoursAway = order('d', 100, 40_000);
  expect(told(plan(road([hoursAway], [driver('c', 0)])))).toEqual(['c: d must_leave']);
  const longOverdue = order('e', 100, 500, { placedAtMs: inS(-100_000) });
  expect(told(plan(road([longOverdue], [driver('c', 900)])))).toEqual(['c: e must_leave']);
});

test('with more orders than drivers, whoever is free is told now: waiting would cost the customer', () => {
  const answer = plan(road([order('d', 100, 500), order('e', 100, 900)], [driver('c', 100)]));
  expect(told(answer)).toEqual(['c: d must_leave']);
  expect(heldFor(answer)).toEqual(['e no_room_yet 400']);
});

test('what is not ready yet is held until its driver has to leave, less what they are told ahead', () => {
  const later = order('d', 100, 500, { pickup: { place: 100, readyAtMs: inS(4_000) } });
  const answer = plan(road([later], [driver('c', 0)], { tellAheadS: 60, calmAheadS: 0 }));
  expect(answer.changes).toEqual([]);
  expect(answer.held).toEqual([
    {
      deliveryId: 'd',
      driverId: 'c',
      untilMs: inS(3_840),
      reason: 'not_ready',
      pickupAtMs: inS(4_000),
      dropoffAtMs: inS(4_400),
    },
  ]);
});

test('where nothing can be gained by waiting, it is told a while before', () => {
  const ready = (readyS: number) => order('d', 100, 500, { pickup: { place: 100, readyAtMs: inS(readyS) } });
  const ask = (readyS: number, ...others: Parameters<typeof road>[1]) =>
    plan(road([ready(readyS)], [driver('c', 0), ...others], { calmAheadS: 1_800 }));
  expect(told(ask(1_900))).toEqual(['c: d nothing_to_gain']);
  expect(heldFor(ask(1_901))).toEqual(['d not_ready 1']);
  // Somebody else may be free before, and nearer than planned.
  const busy = driver('b', 900, { freeAtMs: inS(600) });
  expect(heldFor(ask(1_900, busy))).toEqual(['d not_ready 1800']);
  expect(told(ask(1_900, driver('idle', 900)))).toEqual(['c: d nothing_to_gain']);
});

test('something else that waits may join', () => {
  const wide = { place: 500, afterMs: inS(0), beforeMs: inS(7_200) };
  const both = [order('d', 100, 500, { dropoff: wide }), order('e', 100, 520, { dropoff: { ...wide, place: 520 } })];
  const answer = plan(road(both, [driver('c', 0, { capacity: 4 })], { maxHeldS: 3_600 }));
  expect(heldFor(answer)).toEqual(['d may_join_a_trip 3600', 'e may_join_a_trip 3600']);
});

test('nobody is shown "no driver yet" for longer than the shop allows, counted from when it could be had', () => {
  const window = { place: 500, afterMs: inS(-600), beforeMs: inS(7_200) };
  const both = (waitingSinceMs: number) => [
    order('d', 100, 500, { dropoff: window, waitingSinceMs }),
    order('e', 3_000, 3_100, { dropoff: { ...window, place: 3_100 }, waitingSinceMs: inS(0) }),
  ];
  const ask = (waitingSinceMs: number) => plan(road(both(waitingSinceMs), [driver('c', 0)], { maxHeldS: 300 }));
  expect(told(ask(inS(-300)))).toEqual(['c: d held_long_enough']);
  expect(told(ask(inS(-299)))).toEqual([]);
});

test('nor for longer than that beside somebody under way who has room, and each of them is counted upon once', () => {
  const inHand = [order('x', 100, 100), order('y', 900, 1_500), order('z', 950, 1_600)];
  const full = driver('full', 99, { route: stops('-x') });
  const roomy = [
    driver('next', 900, { capacity: 2, route: stops('-y') }),
    driver('other', 950, { capacity: 2, route: stops('-z') }),
  ];
  const ask = (waitingSinceMs: number) => {
    const waiting = [order('d', 100, 500, { waitingSinceMs }), order('e', 100, 520, { waitingSinceMs })];
    return plan(road([...waiting, ...inHand], [full, ...roomy], { maxHeldS: 300 }));
  };
  expect(told(ask(inS(-299)))).toEqual([]);
  const late = ask(inS(-300));
  expect(told(late).sort()).toEqual(['next: d held_long_enough', 'other: e held_long_enough']);
});

test('a driver is told only what fits beside all they hold, also where the route makes room later', () => {
  const inHand = order('a', 0, 400);
  const busy = driver('c', 0, { capacity: 2, route: stops('-a') });
  const answer = plan(road([inHand, order('d', 400, 800, { size: 2 })], [busy]));
  expect(routeOf(answer, 'c')).toEqual(['-a', '+d', '-d']);
  expect(answer.changes).toEqual([]);
  expect(heldFor(answer)).toEqual(['d no_room_yet 400']);
  const small = plan(road([inHand, order('d', 400, 800)], [busy]));
  expect(heldFor(small)).toEqual(['d driver_about_to_be_free 400']);
  const onTheWay = plan(road([inHand, order('d', 0, 800)], [busy]));
  expect(told(onTheWay)).toEqual(['c: d must_leave']);
});

test('a delivery that changes driver is not left without one, and fits beside what the new one was told', () => {
  const mine = order('a', 100, 2_000);
  const theirs = order('d', 1_000, 1_100);
  const late = driver('late', 5_000, { route: stops('+d', '-d') });
  const ask = (capacity: number) =>
    plan(road([mine, theirs], [driver('near', 100, { capacity, route: stops('+a', '-a') }), late], { reassignS: 0 }));
  const answer = ask(2);
  expect(told(answer)).toEqual(['near: d taken_over']);
  expect(answer.changes.find(({ driverId }) => driverId === 'late')).toMatchObject({ stops: [], taken: ['d'] });
  expect(driverOf(ask(1), 'd')).toBe('late');
});

test('what is collected in one visit with something that was told is told with it', () => {
  const window = { place: 500, afterMs: inS(0), beforeMs: inS(7_200) };
  const joining = order('e', 100, 500, { dropoff: window });
  const going = driver('c', 0, { capacity: 2, route: stops('+d', '-d') });
  const answer = plan(road([order('d', 100, 500), joining], [going]));
  expect(told(answer)).toEqual(['c: e must_leave']);
  expect(names(answer.changes[0]!.stops).slice(0, 2).sort()).toEqual(['+d', '+e']);
});

test('an order that nobody has to leave for before the plan reaches is scheduled, and holds nobody', () => {
  const tomorrow = order('d', 100, 500, { dropoff: { place: 500, afterMs: inS(86_400), beforeMs: inS(90_000) } });
  const answer = plan(road([tomorrow], [driver('c', 0)], { planAheadS: 3_600, marginS: 600 }));
  expect(heldFor(answer)).toEqual([`d scheduled ${86_400 - 400 - 600 - 3_600}`]);
  expect(answer).toMatchObject({ changes: [], unplanned: [], decisions: [] });
  expect(answer.held[0]).toMatchObject({ driverId: null, pickupAtMs: inS(86_000), dropoffAtMs: inS(86_400) });
});

test('where nothing is to be held, all is told at once as far as it fits', () => {
  const question = cityQuestion(20, 10);
  const answer = plan({ ...question, settings: { hold: false } });
  expect(planFaults(question, answer)).toEqual([]);
  expect(answer.held.filter(({ reason }) => reason !== 'no_room_yet')).toEqual([]);
  expect(new Set(answer.changes.flatMap((change) => change.told.map(({ reason }) => reason)))).toEqual(
    new Set(['at_once']),
  );
});

test('all that is open is told, held, in hand or unplanned, and the random questions have plenty of each', () => {
  const count = { told: 0, held: 0, unplanned: 0 };
  for (let seed = 1; seed <= 100; seed += 1) {
    const question = randomQuestion(seed);
    const answer = plan(question);
    expect(planFaults(question, answer), `seed ${seed}`).toEqual([]);
    count.told += told(answer).length;
    count.held += answer.held.length;
    count.unplanned += answer.unplanned.length;
  }
  expect(Math.min(count.told, count.held, count.unplanned)).toBeGreaterThan(50);
});
