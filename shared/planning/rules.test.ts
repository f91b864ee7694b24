import { expect, test } from 'vitest';
import { plan } from './plan.ts';
import type { Plan } from './question.ts';
import { driver, driverOf, inS, order, road, routeOf, stops, told } from './road.testing.ts';

test('a failed parcel goes back, stays with its driver, takes room until then, and nobody waits for it', () => {
  const failed = order('r', 300, 9_999);
  const holder = driver('c', 0, { capacity: 2, route: stops('<r') });
  const ask = (size: number): Plan => plan(road([failed, order('d', 100, 500, { size })], [holder]));
  expect(routeOf(ask(2), 'c')).toEqual(['<r', '+d', '-d']);
  expect(routeOf(ask(1), 'c')).toEqual(['+d', '<r', '-d']);
  const nearer = plan(road([failed], [holder, driver('nearer', 300)]));
  expect(driverOf(nearer, 'r')).toBe('c');
  expect(nearer.changes).toEqual([]);
});

test('customers come before what goes back', () => {
  const holder = driver('c', 100, { capacity: 2, route: stops('<r') });
  const answer = plan(road([order('r', 0, 9_999), order('d', 100, 500)], [holder], { driverPrice: 0 }));
  expect(routeOf(answer, 'c')).toEqual(['+d', '-d', '<r']);
});

test('what a person gave to a driver stays theirs, but not its place in the route', () => {
  const holder = driver('c', 5_000, { capacity: 3, route: stops('+far', '-far', '+p', '-p') });
  const pinned = order('p', 4_900, 4_800, { pinned: true });
  const answer = plan(road([order('far', 9_000, 9_100), pinned], [holder, driver('near', 4_900)], { reassignS: 0 }));
  expect(driverOf(answer, 'p')).toBe('c');
  const locked = { ...holder, lockedStops: 2 };
  expect(routeOf(plan(road([order('far', 9_000, 9_100), pinned], [locked])), 'c')).toEqual([
    '+far',
    '-far',
    '+p',
    '-p',
  ]);
  const alone = plan(road([order('far', 9_000, 9_100), pinned], [holder]));
  expect(routeOf(alone, 'c').slice(0, 2)).toEqual(['+p', '-p']);
});

test('told deliveries change driver only where the shop takes back', () => {
  const away = driver('away', 900, { route: stops('+d', '-d') });
  const ask = (takeBack: boolean) => plan(road([order('d', 0, 100)], [away, driver('near', 0)], { takeBack }));
  expect(driverOf(ask(true), 'd')).toBe('near');
  expect(driverOf(ask(false), 'd')).toBe('away');
});

test('places that open offers take are taken', () => {
  const ask = (reserved: number) =>
    plan(road([order('d', 0, 100, { size: 2 })], [driver('c', 0, { capacity: 3, reserved })]));
  expect(told(ask(1))).toEqual(['c: d must_leave']);
  expect(ask(2).unplanned).toMatchObject([{ reason: 'capacity' }]);
});

test('hot food is aboard for no longer than it may be', () => {
  const hot = order('hot', 0, 500);
  const other = order('other', 0, 400);
  const both = (maxAboardS: number) =>
    routeOf(plan(road([hot, other], [driver('c', 0, { capacity: 2 })], { maxAboardS })), 'c').slice(2);
  expect(both(Number.POSITIVE_INFINITY)).toEqual(['-other', '-hot']);
  expect(both(500)).toEqual(['-other', '-hot']);
  const apart = plan(road([hot, other], [driver('c', 0, { capacity: 2 })], { maxAboardS: 450 }));
  expect(apart.unplanned).toMatchObject([{ deliveryId: 'hot' }]);
  expect(routeOf(apart, 'c')).toEqual(['+other', '-other']);
});

test('what has been aboard for too long already binds nobody, what has not yet does', () => {
  const ask = (pickedS: number) => {
    const aboard = order('a', 0, 600, { pickedUpAtMs: inS(pickedS) });
    const holder = driver('c', 0, { capacity: 2, route: stops('-a') });
    return routeOf(plan(road([aboard, order('d', 0, 100)], [holder], { maxAboardS: 700 })), 'c');
  };
  expect(ask(-50)).toEqual(['+d', '-d', '-a']);
  expect(ask(-900)).toEqual(['+d', '-d', '-a']);
  const detour = (pickedS: number) => {
    const aboard = order('a', 0, 600, { pickedUpAtMs: inS(pickedS), priority: -5 });
    const holder = driver('c', 0, { capacity: 2, route: stops('-a') });
    return routeOf(plan(road([aboard, order('d', 0, -100)], [holder], { maxAboardS: 700 })), 'c');
  };
  expect(detour(0)).toEqual(['-a', '+d', '-d']);
  expect(detour(-900)).toEqual(['+d', '-d', '-a']);
});

test('what cannot be brought before its door opens is not collected long before', () => {
  const evening = order('d', 100, 500, { dropoff: { place: 500, afterMs: inS(5_000), beforeMs: inS(6_000) } });
  const { routes } = plan(road([evening], [driver('c', 100)], { maxAboardS: 600 }));
  expect(routes[0]!.stops.map(({ atMs }) => atMs)).toEqual([inS(4_400), inS(5_000)]);
});

test('the radius counts from where a driver is, or from where their stops bring them', () => {
  const d = order('d', 2_000, 2_100);
  const ask = (...route: string[]) => {
    const c = driver('c', 0, { capacity: 2, route: stops(...route) });
    const inHand = route.length > 0 ? [order('x', 0, 1_500)] : [];
    return plan(road([...inHand, d], [c], { maxRadiusM: 6_000 }));
  };
  expect(ask().unplanned).toMatchObject([{ reason: 'too_far' }]);
  expect(driverOf(ask('-x'), 'd')).toBe('c');
});

test('no stop comes after the end of the shift, unless it was in hand and is late for it already', () => {
  const ends = { shiftEndsAtMs: inS(500), capacity: 2 };
  expect(driverOf(plan(road([order('d', 100, 500)], [driver('c', 0, ends)])), 'd')).toBe('c');
  expect(driverOf(plan(road([order('d', 100, 501)], [driver('c', 0, ends)])), 'd')).toBeNull();
  const late = driver('c', 0, { ...ends, route: stops('-x') });
  const answer = plan(road([order('x', 0, 700), order('d', 0, 100), order('e', 600, 650)], [late]));
  expect(routeOf(answer, 'c')).toEqual(['+d', '-d', '-x']);
  expect(driverOf(answer, 'e')).toBeNull();
  const pickups = plan(road([order('d', 100, 900)], [driver('c', 0, ends)], { shiftEnds: 'pickup' }));
  expect(driverOf(pickups, 'd')).toBe('c');
});

test('what may be aboard together is the choice of the shop', () => {
  const orders = [order('a', 0, 500), order('b', 0, 510), order('far', 100, 520)];
  const most = (bundle: 'none' | 'same_pickup' | 'any'): number => {
    const route = routeOf(plan(road(orders, [driver('c', 0, { capacity: 3 })], { bundle })), 'c');
    let aboard = 0;
    return Math.max(...route.map((stop) => (aboard += stop.startsWith('+') ? 1 : -1)));
  };
  expect([most('none'), most('same_pickup'), most('any')]).toEqual([1, 2, 3]);
});

test('economy 1 brings two in one trip where 0 brings each as soon as it can', () => {
  const orders = [order('now', 0, 500), order('soon', 0, 520, { pickup: { place: 0, readyAtMs: inS(300) } })];
  const ask = (economy: number) => plan(road(orders, [driver('c', 0, { capacity: 2 }), driver('e', 60)], { economy }));
  expect([driverOf(ask(0), 'now'), driverOf(ask(0), 'soon')]).toEqual(['c', 'e']);
  expect([driverOf(ask(1), 'now'), driverOf(ask(1), 'soon')]).toEqual(['c', 'c']);
});

test('fairness gives it to whoever has brought less, at a price', () => {
  const ask = (fairness: number) => {
    const drivers = [driver('busy', 90, { deliveredToday: 6 }), driver('idle', 0, { deliveredToday: 1 })];
    return driverOf(plan(road([order('d', 100, 500)], drivers, { fairness })), 'd');
  };
  expect([ask(0), ask(1)]).toEqual(['busy', 'idle']);
});

test('priority weighs waiting: two steps count double', () => {
  const ask = (priority: number) => {
    const orders = [order('plain', 0, 300), order('special', 0, -500, { priority })];
    return routeOf(plan(road(orders, [driver('c', 0)], { driverPrice: 0 })), 'c')[0];
  };
  expect([ask(0), ask(4)]).toEqual(['+plain', '+special']);
});

test('a driver stops where the route has to end', () => {
  const orders = [order('d', 100, 500)];
  const drivers = [driver('lives-there', 0, { endPlace: 500 }), driver('lives-here', 0, { endPlace: 0 })];
  expect(driverOf(plan(road(orders, drivers)), 'd')).toBe('lives-there');
});

test('whoever is on foot takes longer', () => {
  const question = road([order('d', 100, 500)], [driver('car', 0), driver('foot', 50, { vehicle: 'foot' })]);
  const slow = {
    ...question,
    travelS: (a: number, b: number, v: string | null) => Math.abs(a - b) * (v === 'foot' ? 5 : 1),
  };
  expect([driverOf(plan(question), 'd'), driverOf(plan(slow), 'd')]).toEqual(['foot', 'car']);
});

test('whoever is quickest to the door is tried, however many on foot are nearer to the pickup', () => {
  const onFoot = Array.from({ length: 8 }, (_, n) => driver(`foot-${n}`, 10, { vehicle: 'foot' }));
  const question = road([order('d', 0, 5_000)], [...onFoot, driver('zoe', 400, { vehicle: 'car' })]);
  const travelS = (a: number, b: number, v: string | null) => Math.abs(a - b) * (v === 'foot' ? 5 : 1);
  expect(driverOf(plan({ ...question, travelS }), 'd')).toBe('zoe');
});
