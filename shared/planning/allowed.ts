import { PICKUP } from './by-delivery.ts';
import { limitOf } from './cost.ts';
import { aboardTooLong, type Routes } from './routes.ts';

/**
 * Whether driver j may do the route that they are given here. What is tried by insertion is allowed by the way it is
 * tried; this is for routes that come from elsewhere.
 */
export function isAllowed(routes: Routes, j: number): boolean {
  const route = routes.stops[j]!;
  return (
    keepsLocked(routes, j) &&
    isComplete(routes, j) &&
    takesOverWhatFits(routes, j) &&
    route.every((_, k) => fitsIn(routes, j, k)) &&
    !breaksLimit(routes, j)
  );
}

/** A hand-over comes too late, or a parcel is aboard for too long. */
export function breaksLimit(routes: Routes, j: number): boolean {
  const { model, time } = routes;
  const route = routes.stops[j]!;
  return route.some((stop) => time[stop]! > limitOf(model, j, stop)) || aboardTooLong(routes, j, route);
}

function keepsLocked({ model, stops }: Routes, j: number): boolean {
  return model.byDriver.inHand[j]!.slice(0, model.byDriver.locked[j]!).every((stop, k) => stops[j]![k] === stop);
}

/** Each delivery with all stops that it has left, in order; all that is aboard or bound to this driver is here. */
function isComplete({ model, stops }: Routes, j: number): boolean {
  const seen = new Set<number>();
  for (const stop of stops[j]!) {
    if (seen.has(stop)) return false;
    const pickupIsDone = model.byDelivery.aboard[stop >> 1] === 1;
    if (stop & 1 ? !pickupIsDone && !seen.has(stop - 1) : pickupIsDone) return false;
    seen.add(stop);
  }
  for (const stop of seen) if (!(stop & 1) && !seen.has(stop + 1)) return false;
  return model.byDriver.inHand[j]!.every((stop) => model.byDelivery.boundTo[stop >> 1]! < 0 || seen.has(stop));
}

/** What another driver was told is told at once, and has to fit beside all that this one was told. */
function takesOverWhatFits({ model, stops, toldLoad }: Routes, j: number): boolean {
  const { told } = model.byDelivery;
  const takesOver = stops[j]!.some((stop) => told[stop >> 1]! >= 0 && told[stop >> 1] !== j);
  return !takesOver || toldLoad[j]! <= model.byDriver.room[j]!;
}

/** Whether what is collected at stop k fits beside what is aboard, in units and by the shop's rule for trips. */
function fitsIn({ model, stops, load, held, visitLoad }: Routes, j: number, k: number): boolean {
  const route = stops[j]!;
  const stop = route[k]!;
  if (model.byStop.kind[stop] !== PICKUP) return true;
  if (model.byDelivery.told[stop >> 1] !== j && held[stop]! > model.byDriver.room[j]!) return false;
  const { oneByOne, onePickup } = model.rules;
  if (!(oneByOne || onePickup) || route.every((other) => model.byDelivery.told[other >> 1] === j)) return true;
  const aboard = oneByOne ? load[stop]! - model.byDelivery.size[stop >> 1]! : visitLoad[stop]!;
  return aboard <= 0;
}
