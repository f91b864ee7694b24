import { type Courier, driveTrip, type MealDay, type MealOrder, type Point, type Trip } from './day.ts';

/** What a policy sees at one minute: nothing that has not happened yet. */
export interface DayView {
  now: number;
  /** Placed, and no courier told. */
  waiting: readonly MealOrder[];
  /** On duty. */
  couriers: readonly CourierView[];
}

export interface CourierView {
  courier: Courier;
  /** Where they are at `freeAt`: a told trip is not changed, so that is certain. */
  at: Point;
  freeAt: number;
  /** Free now: these alone can be told. */
  idle: boolean;
}

export interface TripToTell {
  courierId: string;
  /** In the sequence of drop-offs. */
  orderIds: readonly string[];
}

/** Asked once a minute while orders wait. */
export type MealPolicy = (view: DayView) => readonly TripToTell[];

/**
 * Drives a policy through one day, minute by minute.
 * @returns the trips in the order in which couriers were told
 * @throws Error where the policy orders what the rules forbid: its fault, not a figure
 */
export function runDay(day: MealDay, decide: MealPolicy): Trip[] {
  const whereabouts = new Map(
    day.couriers.map((courier) => [courier.id, { courier, at: courier as Point, freeAt: 0 }]),
  );
  const upcoming = [...day.orders].sort((a, b) => b.placedAt - a.placedAt);
  const waiting = new Map<string, MealOrder>();
  const trips: Trip[] = [];
  const end = Math.max(...day.couriers.map(({ offAt }) => offAt));
  for (let now = Math.ceil(upcoming.at(-1)?.placedAt ?? end); now <= end; now += 1) {
    for (let next = upcoming.at(-1); next && next.placedAt <= now; next = upcoming.at(-1)) {
      waiting.set(next.id, next);
      upcoming.pop();
    }
    if (waiting.size === 0) continue;
    const couriers = [...whereabouts.values()]
      .filter(({ courier }) => courier.onAt <= now && now <= courier.offAt)
      .map((one) => ({ ...one, freeAt: Math.max(now, one.freeAt), idle: one.freeAt <= now }));
    const free = new Map(couriers.filter(({ idle }) => idle).map((one) => [one.courier.id, one]));
    for (const told of decide({ now, waiting: [...waiting.values()], couriers })) {
      const trip = begin(day, now, free, waiting, told);
      free.delete(told.courierId);
      for (const order of trip.orders) waiting.delete(order.id);
      whereabouts.set(told.courierId, { ...trip, at: trip.orders.at(-1) as Point });
      trips.push(trip);
    }
  }
  return trips;
}

function begin(
  day: MealDay,
  now: number,
  free: ReadonlyMap<string, CourierView>,
  waiting: ReadonlyMap<string, MealOrder>,
  { courierId, orderIds }: TripToTell,
): Trip {
  const forbidden = (why: string) =>
    new Error(`${day.name}, minute ${now}: ${courierId} was told ${orderIds.join(' ')}, but ${why}`);
  const courier = free.get(courierId);
  if (!courier) throw forbidden('is not free');
  const orders = orderIds.map((id) => {
    const order = waiting.get(id);
    if (!order) throw forbidden(`${id} does not wait`);
    return order;
  });
  if (new Set(orders).size < orders.length) throw forbidden('one of them is there twice');
  if (new Set(orders.map(({ restaurant }) => restaurant)).size !== 1) throw forbidden('not of one restaurant');
  const trip = driveTrip(day, courier.courier, courier.at, orders, now);
  if (trip.pickupAt > courier.courier.offAt) throw forbidden('the shift ends before the pickup');
  return trip;
}
