import { gini, mean, quantile, sum } from '../figures.ts';
import { type MealDay, type MealOrder, metresBetween, type Point, type Trip, travelMinutes } from './day.ts';

/** An order that nobody brought counts as brought after so many minutes, lest dropping orders look good. */
const UNDELIVERED_MIN = 180;

/** Minutes where nothing else is said. Over delivered orders, but for `penalised` and `bound`. */
export interface MealFigures {
  orders: number;
  delivered: number;
  /** Click-to-door, mean over all orders: what policies are ranked by. */
  penalised: number;
  clickToDoor: number;
  clickToDoorP90: number;
  clickToDoorMax: number;
  overage: number;
  readyToPickup: number;
  readyToDoor: number;
  placedToTold: number;
  /** Mean click-to-door over all orders if each had a courier of its own at the restaurant: nobody can be better. */
  bound: number;
  /** Click-to-door above each delivered order's own bound. */
  excess: number;
  ordersPerTrip: number;
  kmPerOrder: number;
  ordersPerCourierHour: number;
  /** Share of the shift spent driving and at stops, mean over couriers. */
  utilisation: number;
  /** Gini's coefficient of deliveries by hour of shift. */
  spread: number;
  /** What couriers are paid: by the order, or what their hours guarantee. */
  cost: number;
}

/** As the public evaluator has them where it has them. */
export function measureDay(day: MealDay, trips: readonly Trip[]): MealFigures {
  const brought = trips.flatMap((trip) =>
    trip.orders.map((order, index) => ({ ...trip, order, doorAt: trip.dropoffAt[index] ?? 0 })),
  );
  const clickToDoor = brought.map(({ order, doorAt }) => doorAt - order.placedAt);
  const undelivered = day.orders.length - brought.length;
  return {
    orders: day.orders.length,
    delivered: brought.length,
    penalised: (sum(clickToDoor) + UNDELIVERED_MIN * undelivered) / day.orders.length,
    clickToDoor: mean(clickToDoor),
    clickToDoorP90: quantile(clickToDoor, 0.9),
    clickToDoorMax: Math.max(0, ...clickToDoor),
    overage: mean(clickToDoor.map((minutes) => Math.max(0, minutes - day.targetClickToDoor))),
    readyToPickup: mean(brought.map(({ order, pickupAt }) => pickupAt - order.readyAt)),
    readyToDoor: mean(brought.map(({ order, doorAt }) => doorAt - order.readyAt)),
    placedToTold: mean(brought.map(({ order, toldAt }) => toldAt - order.placedAt)),
    bound: mean(day.orders.map((order) => leastClickToDoor(day, order))),
    excess: mean(brought.map(({ order, doorAt }) => doorAt - order.placedAt - leastClickToDoor(day, order))),
    ordersPerTrip: mean(trips.map(({ orders }) => orders.length)),
    ...measureCouriers(day, trips),
  };
}

function leastClickToDoor(day: MealDay, order: MealOrder): number {
  const pickupAt = Math.max(order.readyAt, order.placedAt + day.pickupService / 2);
  const half = (day.pickupService + day.dropoffService) / 2;
  return pickupAt + half + travelMinutes(day, order.restaurant, order) - order.placedAt;
}

function measureCouriers(day: MealDay, trips: readonly Trip[]) {
  const couriers = day.couriers.map((courier) => {
    const own = trips.filter((trip) => trip.courier.id === courier.id);
    const legs = own.flatMap((trip, index) => legsOf(trip, own[index - 1]?.orders.at(-1) ?? courier));
    const orders = sum(own.map((trip) => trip.orders.length));
    const shift = courier.offAt - courier.onAt;
    const driving = sum(legs.map(([from, to]) => travelMinutes(day, from, to)));
    const busy = driving + own.length * day.pickupService + orders * day.dropoffService;
    const pay = Math.max(orders * day.payPerOrder, (shift * day.guaranteedPayPerHour) / 60);
    return { orders, shift, busy, pay, metres: sum(legs.map(([from, to]) => metresBetween(from, to))) };
  });
  const orders = sum(couriers.map((courier) => courier.orders));
  return {
    kmPerOrder: orders && sum(couriers.map(({ metres }) => metres)) / 1_000 / orders,
    ordersPerCourierHour: (60 * orders) / sum(couriers.map(({ shift }) => shift)),
    utilisation: mean(couriers.map(({ busy, shift }) => busy / shift)),
    spread: gini(couriers.map((courier) => courier.orders / courier.shift)),
    cost: sum(couriers.map(({ pay }) => pay)),
  };
}

/** Where a courier drives on a trip, from where they were. */
export function legsOf<Start extends Point>(trip: Trip, from: Start) {
  const [first] = trip.orders;
  const stops = first ? [from, first.restaurant, ...trip.orders] : [];
  return stops.slice(1).map((to, index) => [stops[index] ?? from, to] as const);
}
