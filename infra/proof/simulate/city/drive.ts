import type { PlannedStopRef } from '#shared/planning/question.ts';
import { normal, type Point } from './make-day.ts';
import {
  DROPOFF_STOP,
  type DriverInWorld,
  metresBetween,
  orderOf,
  PICKUP_STOP,
  placeOf,
  travelS,
  type World,
} from './world.ts';

/** What drivers do by themselves: the stops they were told, in that order, and then back to their base. */

/** Ends the driver's present phase, and begins the next. */
export function progress(world: World, driver: DriverInWorld): void {
  switch (driver.phase) {
    case 'driving':
      arrive(world, driver);
      if (driver.silentS <= world.nowS) goOn(world, driver);
      else serve(world, driver);
      return;
    case 'returning':
      arrive(world, driver);
      goOn(world, driver);
      return;
    case 'serving':
      handOver(world, driver);
      return;
    case 'leaving':
      goOn(world, driver);
      return;
    case 'idle':
    case 'silent':
  }
}

/** The driver, free to move, goes on with the route. */
export function goOn(world: World, driver: DriverInWorld): void {
  if (driver.silentS <= world.nowS) {
    stay(driver, 'silent');
    return;
  }
  const [next] = driver.route;
  if (!next) {
    if (driver.place === driver.base) stay(driver, 'idle');
    else leave(world, driver, driver.base, 'returning');
  } else if (placeOf(world, next) === driver.place) serve(world, driver);
  else leave(world, driver, placeOf(world, next), 'driving');
}

/** A driver on the way to the base turns round for what they are told. */
export function turnRound(world: World, driver: DriverInWorld): void {
  const here = world.places.push(whereabouts(world, driver)) - 1;
  driver.metres += metresBetween(world.places, driver.place, here);
  driver.place = here;
  goOn(world, driver);
}

/**
 * Where the driver is now.
 * @param offM deviation of what is known of it while they are on the way
 */
export function whereabouts(world: World, driver: DriverInWorld, offM = 0): Point {
  const from = world.places[driver.place] as Point;
  if (!driver.way) return from;
  const { to, leftS } = driver.way;
  const share = Math.min(1, (world.nowS - leftS) / Math.max(1e-9, driver.untilS - leftS));
  const towards = world.places[to] as Point;
  const off = () => (offM > 0 ? offM * normal(world.random) : 0);
  const x = from.x + share * (towards.x - from.x) + off();
  return { x, y: from.y + share * (towards.y - from.y) + off() };
}

function leave(world: World, driver: DriverInWorld, to: number, phase: 'driving' | 'returning'): void {
  const expectedS = travelS(world.places, driver.place, to);
  const tookS = expectedS * Math.exp(world.trouble.travelSigma * normal(world.random));
  Object.assign(driver, { phase, way: { to, leftS: world.nowS }, untilS: world.nowS + tookS });
}

function arrive(world: World, driver: DriverInWorld): void {
  if (!driver.way) return;
  driver.metres += metresBetween(world.places, driver.place, driver.way.to);
  driver.place = driver.way.to;
  driver.way = null;
}

function stay(driver: DriverInWorld, phase: 'idle' | 'silent'): void {
  Object.assign(driver, { phase, way: null, untilS: Number.POSITIVE_INFINITY });
}

function serve(world: World, driver: DriverInWorld): void {
  const stop = driver.route[0] as PlannedStopRef;
  const { beforeS } = stop.kind === 'pickup' ? PICKUP_STOP : DROPOFF_STOP;
  const untilS = Math.max(world.nowS + beforeS, earliestS(world, stop));
  Object.assign(driver, { phase: 'serving', way: null, untilS });
}

function earliestS(world: World, stop: PlannedStopRef): number {
  const order = orderOf(world, stop);
  return stop.kind === 'pickup' ? order.reallyReadyS : (order.window?.afterS ?? 0);
}

/** What is next at the same place for the same purpose belongs to this visit. */
function handOver(world: World, driver: DriverInWorld): void {
  const [stop, ...rest] = driver.route as [PlannedStopRef, ...PlannedStopRef[]];
  const order = orderOf(world, stop);
  driver.route = rest;
  if (stop.kind === 'pickup') Object.assign(order, { state: 'aboard', pickedUpS: world.nowS });
  else {
    Object.assign(order, { state: 'done', doneS: world.nowS });
    driver.delivered += 1;
  }
  const [next] = rest;
  if (next && next.kind === stop.kind && placeOf(world, next) === placeOf(world, stop)) {
    driver.untilS = Math.max(world.nowS, earliestS(world, next));
  } else {
    const { afterS } = stop.kind === 'pickup' ? PICKUP_STOP : DROPOFF_STOP;
    Object.assign(driver, { phase: 'leaving', untilS: world.nowS + afterS });
  }
}
