import type { DriverOnDuty, OpenDelivery, PlannedStopRef, PlanQuestion } from './question.ts';
import { type Random, randomFrom } from './random.ts';
import type { PlanSettings } from './settings.ts';

/*
 * Questions for tests: random ones with everything in them, tiny ones, and cities.
 */

export const NOW_MS = Date.UTC(2026, 0, 15, 10);
const HOUR_S = 3_600;

interface Dice {
  chance: Random;
  /** A whole number of this range, both ends included. */
  int(from: number, to: number): number;
  maybe(share: number): boolean;
  one<T>(list: readonly T[]): T;
}

function dice(words: readonly string[]): Dice {
  const chance = randomFrom(words);
  const int = (from: number, to: number): number => from + Math.floor(chance() * (to - from + 1));
  return { chance, int, maybe: (share) => chance() < share, one: (list) => list[int(0, list.length - 1)]! };
}

const inS = (seconds: number): number => NOW_MS + seconds * 1_000;

/** Places on a plane, one unit being a second of travel or ten metres. */
interface Plane {
  points: [number, number][];
  add(): number;
  away(from: number, to: number): number;
}

function plane({ chance }: Dice, size: number): Plane {
  const points: [number, number][] = [];
  return {
    points,
    add: () => points.push([chance() * size, chance() * size]) - 1,
    away: (from, to) => Math.hypot(points[from]![0] - points[to]![0], points[from]![1] - points[to]![1]),
  };
}

const TAGS = ['cold', 'heavy'];

/** Up to 16 deliveries and 5 drivers, with everything mixed that a question can hold. */
export function randomQuestion(seed: number): PlanQuestion {
  const d = dice(['question', String(seed)]);
  const map = plane(d, 1_500);
  const shops = Array.from({ length: d.int(1, 3) }, map.add);
  const settings = randomSettings(d);
  const deliveries = Array.from({ length: d.int(1, 16) }, (_, k) => randomDelivery(d, `d${k}`, map, shops));
  const waiting = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const drivers = Array.from({ length: d.maybe(0.05) ? 0 : d.int(1, 5) }, (_, k) => {
    return randomDriver(d, `c${k}`, map, shops, waiting);
  });
  return {
    nowMs: NOW_MS,
    deliveries,
    drivers,
    travelS: (from, to, vehicle) => Math.round(map.away(from, to) * (vehicle === 'bike' ? 1.3 : 1)),
    distanceM: (from, to) => 10 * map.away(from, to),
    settings,
  };
}

function randomSettings(d: Dice): Partial<PlanSettings> {
  return {
    rounds: 40,
    near: 4,
    bundle: d.one(['any', 'any', 'same_pickup', 'none']),
    shiftEnds: d.one(['route', 'pickup']),
    overtimeWeight: d.one([3, Number.POSITIVE_INFINITY]),
    takeBack: d.maybe(0.8),
    resequence: d.maybe(0.8),
    maxRadiusM: d.maybe(0.8) ? Number.POSITIVE_INFINITY : 12_000,
    maxAboardS: d.maybe(0.7) ? Number.POSITIVE_INFINITY : d.int(600, 2_400),
    maxHeldS: d.maybe(0.5) ? Number.POSITIVE_INFINITY : 600,
    economy: d.one([0, 0, 0.5, 1]),
    fairness: d.one([0, 0, 1]),
    hold: d.maybe(0.9),
  };
}

function randomDelivery(d: Dice, id: string, map: Plane, shops: readonly number[]): OpenDelivery {
  const placedS = -d.int(0, HOUR_S);
  const window = (fromS: number, toS: number) => {
    const afterS = d.int(fromS, toS);
    return { afterMs: inS(afterS), beforeMs: inS(afterS + d.int(HOUR_S / 2, 2 * HOUR_S)) };
  };
  const pickup = d.maybe(0.8) ? d.one(shops) : map.add();
  return {
    id,
    placedAtMs: inS(placedS),
    size: d.int(1, 3),
    pickup: {
      place: pickup,
      readyAtMs: d.maybe(0.7) ? inS(placedS + d.int(0, 2 * HOUR_S)) : undefined,
      serviceS: pickup % 2 ? 30 * pickup : undefined,
      ...(d.maybe(0.2) ? window(-HOUR_S, HOUR_S) : {}),
    },
    dropoff: { place: map.add(), ...(d.maybe(0.4) ? window(-HOUR_S, 5 * HOUR_S) : {}) },
    hardWindows: d.maybe(0.2),
    requires: d.maybe(0.15) ? [d.one(TAGS)] : undefined,
    excludedDriverIds: d.maybe(0.2) ? [`c${d.int(0, 4)}`] : undefined,
    priority: d.maybe(0.2) ? d.int(-5, 5) : undefined,
    pinned: d.maybe(0.1),
    waitingSinceMs: d.maybe(0.1) ? inS(-d.int(0, 100)) : undefined,
    pickedUpAtMs: d.maybe(0.5) ? inS(-d.int(0, 1_200)) : undefined,
  };
}

function randomDriver(
  d: Dice,
  id: string,
  map: Plane,
  shops: readonly number[],
  waiting: Map<string, OpenDelivery>,
): DriverOnDuty {
  const capacity = d.int(1, 6);
  const route = randomRoute(d, capacity, waiting);
  return {
    id,
    place: d.maybe(0.3) ? d.one(shops) : map.add(),
    capacity,
    freeAtMs: d.maybe(0.4) ? inS(d.int(-100, 900)) : undefined,
    shiftEndsAtMs: d.maybe(0.6) ? inS(d.int(-600, 5 * HOUR_S)) : undefined,
    endPlace: d.maybe(0.5) ? d.one(shops) : undefined,
    tags: d.maybe(0.6) ? TAGS.filter(() => d.maybe(0.7)) : undefined,
    vehicle: d.maybe(0.3) ? 'bike' : undefined,
    route,
    lockedStops: route.length > 0 && d.maybe(0.4) ? 1 : undefined,
    reserved: d.maybe(0.2) ? 1 : undefined,
    deliveredToday: d.int(0, 6),
    idleSinceMs: inS(-d.int(0, 1_800)),
    takesNew: d.maybe(0.1) ? false : undefined,
  };
}

/** A route in hand: some of it aboard, some to be collected, now and then one to go back. */
function randomRoute(d: Dice, capacity: number, waiting: Map<string, OpenDelivery>): PlannedStopRef[] {
  const route: PlannedStopRef[] = [];
  let load = 0;
  for (const [deliveryId, { size = 1 }] of waiting) {
    if (!d.maybe(0.15) || load + size > capacity) continue;
    waiting.delete(deliveryId);
    load += size;
    if (d.maybe(0.15)) route.push({ deliveryId, kind: 'return' });
    else {
      if (d.maybe(0.5)) route.unshift({ deliveryId, kind: 'pickup' });
      route.push({ deliveryId, kind: 'dropoff' });
    }
  }
  return route;
}

/** Few enough deliveries and drivers to try every plan, and none in hand. */
export function tinyQuestion(seed: number): PlanQuestion {
  const question = randomQuestion(seed + 5_000);
  const d = dice(['tiny', String(seed)]);
  const deliveries = question.deliveries.slice(0, 4).map(({ excludedDriverIds: _, requires: __, ...delivery }) => {
    return { ...delivery, size: d.maybe(0.7) ? 1 : 2 };
  });
  const drivers = [0, 1].map((k): DriverOnDuty => {
    const { route: _, lockedStops: __, ...driver } = question.drivers[k] ?? { place: 0, capacity: 3 };
    return { shiftEndsAtMs: inS(3 * HOUR_S), ...driver, id: `c${k}` };
  });
  const settings = { bundle: 'any', planAheadS: Number.POSITIVE_INFINITY, near: 4, rounds: 200 } as const;
  return { ...question, deliveries, drivers, settings: { ...settings, fairness: d.one([0, 1]) } };
}

/** Open deliveries and drivers in a city, a shop for each 20 deliveries. */
export function cityQuestion(open: number, drivers: number, seed = 1): PlanQuestion {
  const d = dice(['city', String(seed)]);
  const map = plane(d, 600 + 80 * Math.sqrt(drivers));
  const shops = Array.from({ length: Math.ceil(open / 20) }, map.add);
  return {
    nowMs: NOW_MS,
    travelS: (from, to) => Math.round(map.away(from, to)),
    distanceM: (from, to) => 5 * map.away(from, to),
    deliveries: Array.from({ length: open }, (_, k): OpenDelivery => {
      const placedS = -d.int(0, 900);
      const place = map.add();
      return {
        id: `d${k}`,
        placedAtMs: inS(placedS),
        pickup: { place: shops[k % shops.length]!, readyAtMs: inS(placedS + d.int(0, 1_800)) },
        dropoff: k % 2 ? { place, afterMs: NOW_MS, beforeMs: inS(2 * HOUR_S) } : { place },
      };
    }),
    drivers: Array.from({ length: drivers }, (_, k) => ({
      id: `c${k}`,
      place: map.add(),
      capacity: 6,
      freeAtMs: inS(d.int(0, 600)),
      shiftEndsAtMs: inS(4 * HOUR_S),
    })),
  };
}

/** Everybody at one door, and every order for the same one five hours away; the busy ones have one each in hand. */
export function crowdQuestion(crowd: { busy: number; idle: number; waiting: number }): PlanQuestion {
  const named = (letter: string, count: number) => Array.from({ length: count }, (_, k) => `${letter}${k}`);
  const inHand = named('h', crowd.busy);
  const drivers = [
    ...named('b', crowd.busy).map((id, k) => ({
      id,
      place: 0,
      route: (['pickup', 'dropoff'] as const).map((kind) => ({ deliveryId: inHand[k]!, kind })),
    })),
    ...named('i', crowd.idle).map((id) => ({ id, place: 0 })),
  ];
  const deliveries = [...inHand, ...named('w', crowd.waiting)].map((id) => ({
    id,
    pickup: { place: 0 },
    dropoff: { place: 1 },
    placedAtMs: inS(-5),
  }));
  return { nowMs: NOW_MS, deliveries, drivers, travelS: (from, to) => (from === to ? 0 : 5 * HOUR_S) };
}

/** The same question with its lists in another order, and other numbers for its places. */
export function shuffled(question: PlanQuestion, seed: number): PlanQuestion {
  const { chance } = dice(['shuffle', String(seed)]);
  const mix = <T>(list: readonly T[]): T[] => {
    return list
      .map((item) => ({ item, at: chance() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  };
  const there = (place: number): number => 3 * place + 7;
  const back = (place: number): number => (place - 7) / 3;
  const { distanceM } = question;
  return {
    ...question,
    deliveries: mix(question.deliveries).map((delivery) => ({
      ...delivery,
      pickup: { ...delivery.pickup, place: there(delivery.pickup.place) },
      dropoff: { ...delivery.dropoff, place: there(delivery.dropoff.place) },
    })),
    drivers: mix(question.drivers).map((driver) => ({
      ...driver,
      place: there(driver.place),
      endPlace: driver.endPlace === undefined ? undefined : there(driver.endPlace),
    })),
    travelS: (from, to, vehicle) => question.travelS(back(from), back(to), vehicle),
    distanceM: distanceM ? (from, to) => distanceM(back(from), back(to)) : undefined,
    previous: question.previous ? mix(question.previous) : undefined,
  };
}
