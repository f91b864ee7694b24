import type { FailureCode } from '#shared/domain/delivery.ts';
import { fnv1a } from '#shared/domain/fnv1a.ts';
import { distanceM, type Position } from '#shared/domain/geo.ts';

/*
 * The city as the seed has it: where drivers begin and wander, which orders come when, and what becomes of each.
 * Pure: the same seed gives the same city; only the network's timing differs between runs.
 */

const CENTRE: Position = { lat: 52.52, lon: 13.405 };
const RADIUS_M = 3_000;
const METRES_PER_DEGREE = 111_195;
/** About four fifths of what a driver can carry: sometimes all are busy, and orders wait. */
const ORDERS_PER_DRIVER_HOUR = 5;
const FAILURES = [
  'RECIPIENT_UNAVAILABLE',
  'REFUSED',
  'BAD_ADDRESS',
  'DAMAGED',
] as const satisfies readonly FailureCode[];
const KITCHENS = ['Noodle Bar', 'Taverna', 'Bakery', 'Pharmacy', 'Bookshop', 'Curry House', 'Florist', 'Pizzeria'];
const STREETS = ['Ackerstr.', 'Bergstr.', 'Linienstr.', 'Torstr.', 'Auguststr.', 'Rosenthaler Str.', 'Gartenstr.'];

/** A way an order is sent twice: `again` after its answer, `race` at once, both with one id; `twin` with another id. */
export type Copy = 'again' | 'race' | 'twin';

export interface OrderPlan {
  /** 1, 2, 3 … */
  n: number;
  /** When it is placed, in simulated seconds from the start. */
  atS: number;
  pickup: Position & { name: string; address: string };
  dropoff: Position & { address: string };
  pincode: string | null;
  copy: Copy | null;
  /** Cancelled so many simulated seconds after it was placed; null: never. */
  cancelAfterS: number | null;
  /** Fails at the door for this, and is returned; null: it is delivered. */
  failure: FailureCode | null;
  /** How long the driver stands at each stop, in simulated seconds. */
  pickupS: number;
  dropoffS: number;
}

export type Random = () => number;

/** Numbers in [0, 1) from a 32-bit seed. Source: mulberry32 by Tommy Ettinger (2017, public domain). */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream of its own for each thing in the city, so that one more draw here changes nothing there. */
export function randomOf(seed: number, what: string): Random {
  return mulberry32(fnv1a(`${seed}:${what}`));
}

/** A point of the city, evenly spread over its disc. */
export function anywhere(random: Random): Position {
  const distance = (RADIUS_M * Math.sqrt(random())) / METRES_PER_DEGREE;
  const angle = 2 * Math.PI * random();
  return {
    lat: CENTRE.lat + distance * Math.sin(angle),
    lon: CENTRE.lon + (distance * Math.cos(angle)) / Math.cos((CENTRE.lat * Math.PI) / 180),
  };
}

/** The orders of a city, without end, as a Poisson process in simulated time. */
export function* planOrders(seed: number, drivers: number): Generator<OrderPlan, never> {
  const perS = (drivers * ORDERS_PER_DRIVER_HOUR) / 3_600;
  let atS = 0;
  for (let n = 1; ; n += 1) {
    const random = randomOf(seed, `order ${n}`);
    atS += -Math.log(1 - random()) / perS;
    yield planOrder(seed, n, atS, random);
  }
}

function planOrder(seed: number, n: number, atS: number, random: Random): OrderPlan {
  const fate = random();
  return {
    n,
    atS,
    pickup: kitchen(seed, Math.floor(random() * KITCHENS.length)),
    dropoff: { ...anywhere(random), address: `${pick(STREETS, random)} ${1 + Math.floor(random() * 120)}` },
    pincode: random() < 0.2 ? String(1_000 + Math.floor(random() * 9_000)) : null,
    copy: random() < 0.08 ? pick(['again', 'race', 'twin'] as const, random) : null,
    cancelAfterS: fate < 0.05 ? 5 + random() * 200 : null,
    failure: fate > 0.96 ? pick(FAILURES, random) : null,
    pickupS: 20 + random() * 60,
    dropoffS: 20 + random() * 60,
  };
}

function kitchen(seed: number, place: number): OrderPlan['pickup'] {
  const random = randomOf(seed, `kitchen ${place}`);
  const at = anywhere(random);
  return {
    ...at,
    name: KITCHENS[place] ?? 'Shop',
    address: `${pick(STREETS, random)} ${1 + Math.floor(random() * 120)}`,
  };
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

/** `from`, moved `stepM` metres straight towards `to`; `to` itself once it is that near. */
export function moveToward(from: Position, to: Position, stepM: number): Position {
  const leftM = distanceM(from, to);
  if (leftM <= stepM) return { lat: to.lat, lon: to.lon };
  const share = stepM / leftM;
  return { lat: from.lat + (to.lat - from.lat) * share, lon: from.lon + (to.lon - from.lon) * share };
}
