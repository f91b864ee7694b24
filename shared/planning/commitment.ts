import { plannedStop, plannedTimes, untilMs } from './answer.ts';
import { PICKUP } from './by-delivery.ts';
import { type Calm, calmFrom, openCalm } from './calm.ts';
import { patienceEnds } from './patience.ts';
import type { HeldDelivery, HeldReason, RouteChange, TellReason } from './question.ts';
import type { Routes } from './routes.ts';
import { latestStarts } from './slack.ts';

/** Looking again any sooner whether there is room is of no use: the hand-over that makes it is announced. */
const ROOM_CHECK_S = 30;

export interface Commitment {
  changes: RouteChange[];
  held: HeldDelivery[];
}

/** What is new at one visit of a route. Seconds from now. */
interface Visit {
  /** Position of its first stop. */
  at: number;
  fresh: readonly number[];
  /** The driver goes there in any case, for what they were told before or are told with it. */
  goes: boolean;
  /** When it is told for the sake of its customers; when at the latest, and when it may be told as nothing is gained. */
  tellAt: number;
  calmAt: number;
}

/** Better not told yet; `due`: it would be told, if there was room. */
interface Waiting {
  i: number;
  visit: Visit;
  due: boolean;
}

/**
 * What drivers are told now. A driver is told of a pickup when they have to leave for it: telling earlier gains nothing,
 * and until then a better driver may become free, or another delivery join. They are told only what fits beside all that
 * they hold; what is planned behind a hand-over is told when that has made room.
 */
export function commit(routes: Routes): Commitment {
  const calm = openCalm(routes);
  const changes: RouteChange[] = [];
  const held: HeldDelivery[] = [];
  for (let j = 0; j < routes.model.m; j += 1) {
    const { told, waiting } = decide(routes, j, visitsOf(routes, j, calm));
    const change = changeOf(routes, j, told);
    if (change) changes.push(change);
    for (const one of waiting) held.push(hold(routes, j, one, told));
  }
  return { changes, held };
}

/** The visits of a route at which something is collected that its driver was not told of. */
function visitsOf(routes: Routes, j: number, calm: Calm): Visit[] {
  const { model, stops } = routes;
  const { kind, visit } = model.byStop;
  const { told } = model.byDelivery;
  const route = stops[j]!;
  const starts = latestStarts(routes, j);
  const visits: Visit[] = [];
  for (let first = 0, next = 0; first < route.length; first = next) {
    const here = route[first]!;
    for (next = first + 1; next < route.length; next += 1) {
      if (visit[route[next]!] !== visit[here]) break;
    }
    if (kind[here] !== PICKUP) continue;
    const collected = route.slice(first, next).map((stop) => stop >> 1);
    const fresh = collected.filter((i) => told[i]! < 0);
    if (fresh.length === 0) continue;
    const goes = fresh.length < collected.length || fresh.some((i) => patienceEnds(routes, i) <= 0);
    const start = starts[first]!;
    const calmAt = calmFrom(calm, j, first, fresh, start);
    visits.push({ at: first, fresh, goes, tellAt: start - model.settings.tellAheadS, calmAt });
  }
  return visits;
}

/** Whom a driver is told of, and what is held, in order of the route. What another was told comes first: it fits. */
function decide(routes: Routes, j: number, visits: readonly Visit[]) {
  const { model, toldLoad, stops } = routes;
  const told = new Map<number, TellReason>();
  const waiting: Waiting[] = [];
  for (const stop of stops[j]!) {
    const holder = model.byDelivery.told[stop >> 1]!;
    if (holder >= 0 && holder !== j) told.set(stop >> 1, 'taken_over');
  }
  let load = toldLoad[j]!;
  for (const visit of visits) {
    for (const i of visit.fresh) {
      const reason = whyNow(routes, i, visit);
      if (reason && load + model.byDelivery.size[i]! <= model.byDriver.room[j]!) {
        told.set(i, reason);
        load += model.byDelivery.size[i]!;
      } else waiting.push({ i, visit, due: reason !== null });
    }
  }
  return { told, waiting };
}

function whyNow(routes: Routes, i: number, { tellAt, calmAt, goes }: Visit): TellReason | null {
  if (!routes.model.settings.hold) return 'at_once';
  if (tellAt <= 0) return 'must_leave';
  if (patienceEnds(routes, i) <= 0) return 'held_long_enough';
  if (goes) return 'must_leave';
  return calmAt <= 0 ? 'nothing_to_gain' : null;
}

function hold(
  routes: Routes,
  j: number,
  { i, visit, due }: Waiting,
  told: ReadonlyMap<number, TellReason>,
): HeldDelivery {
  const { model } = routes;
  const until = Math.min(visit.tellAt, visit.calmAt, ...visit.fresh.map((other) => patienceEnds(routes, other)));
  const room = roomFrom(routes, j, i, told);
  const full = due || room > 0;
  return {
    deliveryId: model.deliveries[i]!.id,
    driverId: model.drivers[j]!.id,
    untilMs: untilMs(model, full ? Math.max(room, ROOM_CHECK_S) : until),
    reason: full ? 'no_room_yet' : whyHeld(routes, j, i, visit),
    ...plannedTimes(routes, i),
  };
}

/** When a delivery will fit beside what the driver holds then; 0 where it does now. */
function roomFrom({ model, stops, time }: Routes, j: number, i: number, told: ReadonlyMap<number, TellReason>): number {
  const isTold = (stop: number): boolean => model.byDelivery.told[stop >> 1] === j || told.has(stop >> 1);
  const handOvers = stops[j]!.filter((stop) => stop & 1 && isTold(stop));
  let missing = model.byDelivery.size[i]! - model.byDriver.room[j]!;
  for (const stop of handOvers) missing += model.byDelivery.size[stop >> 1]!;
  if (missing <= 0) return 0;
  for (const stop of handOvers) {
    missing -= model.byDelivery.size[stop >> 1]!;
    if (missing <= 0) return time[stop]!;
  }
  return 0;
}

function whyHeld({ model, time }: Routes, j: number, i: number, { at }: Visit): HeldReason {
  const ready = model.byStop.earliest[2 * i]!;
  if (ready > 0 && time[2 * i]! <= ready) return 'not_ready';
  return at > 0 || model.byDriver.free[j]! > 0 ? 'driver_about_to_be_free' : 'may_join_a_trip';
}

/** The route without what is held; null where the driver knows it already. */
function changeOf(routes: Routes, j: number, told: ReadonlyMap<number, TellReason>): RouteChange | null {
  const { model } = routes;
  const inHand = model.byDriver.inHand[j]!;
  const planned = routes.stops[j]!;
  const stops = planned.filter((stop) => told.has(stop >> 1) || model.byDelivery.told[stop >> 1] === j);
  if (stops.length === inHand.length && stops.every((stop, k) => stop === inHand[k])) return null;
  const kept = new Set(stops);
  const idOf = (i: number): string => model.deliveries[i]!.id;
  return {
    driverId: model.drivers[j]!.id,
    stops: stops.map((stop) => plannedStop(routes, stop)),
    told: [...told].map(([i, reason]) => ({ deliveryId: idOf(i), reason })),
    taken: inHand.filter((stop) => stop & 1 && !kept.has(stop)).map((stop) => idOf(stop >> 1)),
  };
}
