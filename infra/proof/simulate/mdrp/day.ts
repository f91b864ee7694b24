/*
 * A day of the Meal Delivery Routing Problem (Reyes, Erera, Savelsbergh, Sahasrabudhe, O'Neil 2018; public instances of
 * Grubhub and Georgia Tech). Times are minutes since the start of the day, places metres in a plane.
 */

export interface Point {
  x: number;
  y: number;
}

export interface Restaurant extends Point {
  id: string;
}

export interface MealOrder extends Point {
  id: string;
  restaurant: Restaurant;
  /** Nobody knows of the order before; from then on its ready time is known too. */
  placedAt: number;
  readyAt: number;
}

export interface Courier extends Point {
  id: string;
  onAt: number;
  /** No pickup later; drop-offs may be. */
  offAt: number;
}

export interface MealDay {
  name: string;
  metresPerMinute: number;
  pickupService: number;
  dropoffService: number;
  targetClickToDoor: number;
  payPerOrder: number;
  guaranteedPayPerHour: number;
  orders: readonly MealOrder[];
  restaurants: readonly Restaurant[];
  couriers: readonly Courier[];
}

/** Orders of one restaurant, collected in one visit and brought in this sequence. */
export interface Trip {
  courier: Courier;
  orders: readonly MealOrder[];
  /** When the courier was told, and left. */
  toldAt: number;
  pickupAt: number;
  /** One for each order. */
  dropoffAt: readonly number[];
  /** When the courier could go on, from the last door. */
  freeAt: number;
}

export function metresBetween(from: Point, to: Point): number {
  return Math.hypot(from.x - to.x, from.y - to.y);
}

/** Whole minutes, as the instances have it: the straight line, rounded up. */
export function travelMinutes(day: MealDay, from: Point, to: Point): number {
  return Math.ceil(metresBetween(from, to) / day.metresPerMinute);
}

/**
 * What becomes of a trip that a courier begins now. Half of the service at a stop comes before its hand-over and half
 * after it.
 * @param from where the courier is
 * @throws RangeError for a trip without orders
 */
export function driveTrip(
  day: MealDay,
  courier: Courier,
  from: Point,
  orders: readonly MealOrder[],
  now: number,
): Trip {
  const first = orders[0];
  if (!first) throw new RangeError('a trip has an order at least');
  const ready = Math.max(...orders.map(({ readyAt }) => readyAt));
  const pickupAt = Math.max(ready, now + travelMinutes(day, from, first.restaurant) + day.pickupService / 2);
  let time = pickupAt + day.pickupService / 2;
  let at: Point = first.restaurant;
  const dropoffAt: number[] = [];
  for (const order of orders) {
    const handedOver = time + travelMinutes(day, at, order) + day.dropoffService / 2;
    dropoffAt.push(handedOver);
    time = handedOver + day.dropoffService / 2;
    at = order;
  }
  return { courier, orders, toldAt: now, pickupAt, dropoffAt, freeAt: time };
}
