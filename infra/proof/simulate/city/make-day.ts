import { mulberry32, type Random } from '#infra/workshop/demo/city.ts';

/*
 * A same-day shop, invented from a seed: orders that can be collected at its locations, some to be brought as soon as
 * possible, the others in a window of two hours. Times are seconds since midnight, places metres in a plane.
 */

export interface Point {
  x: number;
  y: number;
}

export interface CityOrder {
  id: string;
  /** Indexes of the day's places. */
  pickup: number;
  dropoff: number;
  size: number;
  placedS: number;
  readyS: number;
  /** Null: express, as soon as possible. */
  window: { afterS: number; beforeS: number } | null;
  /** Late after this. */
  dueS: number;
}

export interface CityDriver {
  id: string;
  /** Where they begin, and go back to when they have nothing. */
  base: number;
  capacity: number;
  shiftEndsS: number;
}

export interface CityDay {
  places: readonly Point[];
  /** Indexes of the places where orders are collected. */
  locations: readonly number[];
  /** In the order of placing. */
  orders: readonly CityOrder[];
  drivers: readonly CityDriver[];
}

const HOUR_S = 3_600;
const OPENS_S = 9.5 * HOUR_S;
const CLOSES_S = 21 * HOUR_S;
const CITY_M = 6_000;
const EXPRESS_SHARE = 0.4;
/** An express order is promised within an hour of placing, and can be collected five to fifteen minutes after it. */
export const EXPRESS_PROMISE_S = HOUR_S;
const READY_SOONEST_S = 5 * 60;
const READY_LATEST_S = 15 * 60;
const WINDOW_S = 2 * HOUR_S;
/** Where windows begin, and the share of orders that asks for each. */
const WINDOWS: readonly { afterS: number; share: number }[] = [
  { afterS: 10 * HOUR_S, share: 0.14 },
  { afterS: 12 * HOUR_S, share: 0.2 },
  { afterS: 14 * HOUR_S, share: 0.16 },
  { afterS: 16 * HOUR_S, share: 0.22 },
  { afterS: 18 * HOUR_S, share: 0.28 },
];

/** The first order may be placed two hours before the shop opens; nothing is brought four hours after it has closed. */
export const DAY_BEGINS_S = OPENS_S - 2 * HOUR_S;
export const DAY_ENDS_S = CLOSES_S + 4 * HOUR_S;

export interface CityOptions {
  orders?: number;
  drivers?: number;
  capacity?: number;
  locations?: number;
}

/** The day of a seed: the same on any machine. */
export function makeDay(seed: number, options: CityOptions = {}): CityDay {
  const { orders: count = 200, drivers: driverCount = 6, capacity = 8, locations: locationCount = 1 } = options;
  const random = mulberry32(seed * 7_919);
  const places: Point[] = [];
  const addPlace = (place: Point) => places.push(place) - 1;
  const locations = Array.from({ length: locationCount }, (_, index) => addPlace(location(index, random)));
  const unnamed = Array.from({ length: count }, (): Omit<CityOrder, 'id'> => {
    const pickup = locations[Math.floor(random() * locations.length)] as number;
    const dropoff = addPlace(door(random));
    const size = random() < 0.85 ? 1 : 2;
    return { pickup, dropoff, size, ...(random() < EXPRESS_SHARE ? expressTimes(random) : windowTimes(random)) };
  });
  unnamed.sort((a, b) => a.placedS - b.placedS);
  return {
    places,
    locations,
    orders: unnamed.map((order, index) => ({ ...order, id: `order-${String(index).padStart(4, '0')}` })),
    drivers: Array.from({ length: driverCount }, (_, index) => ({
      id: `driver-${String(index).padStart(3, '0')}`,
      base: locations[index % locations.length] as number,
      capacity,
      shiftEndsS: CLOSES_S,
    })),
  };
}

/** The first location is in the middle. */
function location(index: number, random: Random): Point {
  if (index === 0) return { x: CITY_M / 2, y: CITY_M / 2 };
  return { x: CITY_M * (0.2 + 0.6 * random()), y: CITY_M * (0.2 + 0.6 * random()) };
}

/** Half of the people live in a denser quarter, the others anywhere. */
function door(random: Random): Point {
  if (random() >= 0.5) return { x: random() * CITY_M, y: random() * CITY_M };
  const within = (metres: number) => Math.min(CITY_M, Math.max(0, metres));
  const x = within(0.5 * CITY_M + 0.22 * CITY_M * normal(random));
  return { x, y: within(0.4 * CITY_M + 0.18 * CITY_M * normal(random)) };
}

/** Nearly half of the express orders come around half past five. */
function expressTimes(random: Random) {
  const hour = random() < 0.45 ? 17.5 + 1.2 * normal(random) : 10 + 9.5 * random();
  const placedS = Math.round(Math.min(19.5, Math.max(10, hour)) * HOUR_S);
  const readyS = placedS + Math.round(READY_SOONEST_S + (READY_LATEST_S - READY_SOONEST_S) * random());
  return { placedS, readyS, window: null, dueS: placedS + EXPRESS_PROMISE_S };
}

/** Placed one to six hours before the window, and ready an hour before it. */
function windowTimes(random: Random) {
  const afterS = windowOf(random());
  const placedS = Math.round(Math.max(DAY_BEGINS_S, afterS - (1 + 5 * random()) * HOUR_S));
  const readyS = Math.max(placedS + 20 * 60, afterS - HOUR_S);
  return { placedS, readyS, window: { afterS, beforeS: afterS + WINDOW_S }, dueS: afterS + WINDOW_S };
}

/** Where a number in [0, 1) falls among the shares. */
function windowOf(drawn: number): number {
  let above = 0;
  const chosen = WINDOWS.find(({ share }) => {
    above += share;
    return drawn < above;
  });
  return (chosen ?? WINDOWS.at(-1))?.afterS ?? OPENS_S;
}

/** Normally distributed with mean 0 and deviation 1 (Box and Muller 1958). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(random() || Number.MIN_VALUE));
  return radius * Math.cos(2 * Math.PI * random());
}
