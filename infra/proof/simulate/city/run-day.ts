import type { PlannedStopRef } from '#shared/planning/question.ts';
import { progress, whereabouts } from './drive.ts';
import { type CityDay, DAY_ENDS_S, type Point } from './make-day.ts';
import { tell } from './tell.ts';
import type { Trouble } from './trouble.ts';
import { type DriverInWorld, type OrderInWorld, openWorld, type World } from './world.ts';

/** What a policy sees: what has been placed, and what drivers have reported. */
export interface CityView {
  nowS: number;
  /** The day's places first, then where drivers are. */
  places: readonly Point[];
  /** Not done. `readyS` is what is expected now. */
  orders: readonly OrderInWorld[];
  drivers: readonly DriverView[];
}

export interface DriverView {
  driver: DriverInWorld;
  /** Where they are, or will be at `freeS`. */
  place: number;
  freeS: number;
  /** 1 where they are heading for a stop, or at it: it stays first. */
  lockedStops: number;
}

export interface CityAnswer {
  /** The whole new route of each driver that is to change. */
  changes: readonly { driverId: string; stops: readonly PlannedStopRef[] }[];
  /** Orders that it planned and tells nobody yet. */
  held: readonly string[];
}

/** Asked once a minute, and when an order is placed. */
export type CityPolicy = (view: CityView) => CityAnswer;

const TICK_S = 60;
/** After this time without a word the service counts on a driver no more, and what they had is with the customer then. */
const MISSED_AFTER_S = 300;
const RESCUED_AFTER_S = 3_600;
/** What is not ready though it should be is expected then. */
const READY_SOON_S = 120;

/**
 * Drives a policy through one day.
 * @param seed of what goes wrong
 * @returns what has become of orders and drivers
 */
export function runDay(day: CityDay, decide: CityPolicy, trouble: Trouble, seed: number): World {
  const world = openWorld(day, trouble, seed);
  const orders = [...world.orders.values()];
  let placed = 0;
  let tickS = Math.ceil(world.nowS / TICK_S) * TICK_S;
  while (world.nowS < DAY_ENDS_S) {
    const nextOrderS = orders[placed]?.placedS ?? Number.POSITIVE_INFINITY;
    passTime(world, Math.min(tickS, nextOrderS, ...world.drivers.map(({ untilS }) => untilS)));
    const ask = world.nowS >= Math.min(tickS, nextOrderS);
    for (let next = orders[placed]; next && next.placedS <= world.nowS; next = orders[placed]) {
      next.state = 'waiting';
      placed += 1;
    }
    for (const driver of world.drivers) while (driver.untilS <= world.nowS) progress(world, driver);
    for (const driver of world.drivers) notice(world, driver);
    if (world.nowS >= tickS) tickS += TICK_S;
    const open = orders.filter(({ state }) => state !== 'future' && state !== 'done');
    if (open.length === 0 && placed === orders.length) break;
    if (open.length > 0 && ask) carryOut(world, decide(viewOf(world, day, open)));
  }
  return world;
}

function passTime(world: World, untilS: number): void {
  const passedS = Math.max(0, untilS - world.nowS);
  for (const driver of world.drivers) {
    if (driver.phase !== 'idle' && driver.phase !== 'silent') driver.workedS += passedS;
  }
  world.nowS = untilS;
}

/** A driver who has been silent for long is missed: what they were told waits again. */
function notice(world: World, driver: DriverInWorld): void {
  if (driver.silentS <= world.nowS && driver.phase === 'idle') driver.phase = 'silent';
  if (driver.missed || world.nowS < driver.silentS + MISSED_AFTER_S) return;
  for (const { deliveryId } of driver.route) {
    const order = world.orders.get(deliveryId);
    if (order?.state === 'told') order.state = 'waiting';
    else if (order?.state === 'aboard') Object.assign(order, { state: 'done', doneS: world.nowS + RESCUED_AFTER_S });
  }
  const nothing = { way: null, untilS: Number.POSITIVE_INFINITY } as const;
  Object.assign(driver, { ...nothing, missed: true, route: [], phase: 'silent' });
}

function viewOf(world: World, day: CityDay, open: readonly OrderInWorld[]): CityView {
  const { nowS } = world;
  const places = [...day.places];
  const present = world.drivers.filter(({ missed }) => !missed);
  return {
    nowS,
    places,
    orders: open.map((order) => {
      const overdue = order.state !== 'aboard' && order.readyS <= nowS && order.reallyReadyS > nowS;
      return overdue ? { ...order, readyS: nowS + READY_SOON_S } : order;
    }),
    drivers: present.map((driver) => ({
      driver,
      place: places.push(whereabouts(world, driver, world.trouble.positionsOffM)) - 1,
      freeS: driver.phase === 'leaving' ? driver.untilS : nowS,
      lockedStops: driver.phase === 'driving' || driver.phase === 'serving' ? 1 : 0,
    })),
  };
}

function carryOut(world: World, { changes, held }: CityAnswer): void {
  for (const id of held) {
    const order = world.orders.get(id);
    if (order) order.held = true;
  }
  for (const { driverId, stops } of changes) tell(world, driverId, stops);
}
