import { type ByDelivery, type ByStop, fillDeliveries } from './by-delivery.ts';
import { type ByDriver, fillDrivers } from './by-driver.ts';
import { checkQuestion } from './check-question.ts';
import { eligibility } from './eligibility.ts';
import { byId } from './order.ts';
import type { DriverOnDuty, HeldDelivery, OpenDelivery, PlanQuestion } from './question.ts';
import { type Rules, rulesOf } from './rules.ts';
import { divideBySchedule } from './scheduled.ts';
import { mergeSettings, type PlanSettings } from './settings.ts';
import { openTravel, type Travel } from './travel.ts';
import { openWorth, type Worth } from './worth.ts';

/**
 * The question as arrays, which is what the inner loops need. Delivery i has the stops 2i (pickup) and 2i + 1 (dropoff,
 * or return); driver j starts at stop 2n + j. Times are seconds from now, costs seconds of one customer's waiting.
 *
 * Objects that the inner loops read are built by one literal each: spreads make a new shape now and then, which throws
 * the optimised code away.
 */
export interface Model {
  settings: PlanSettings;
  nowMs: number;
  n: number;
  m: number;
  /** In order of id; those that are scheduled for later are left out. */
  deliveries: readonly OpenDelivery[];
  drivers: readonly DriverOnDuty[];
  scheduled: readonly HeldDelivery[];
  travel: Travel;
  byStop: ByStop;
  byDelivery: ByDelivery;
  byDriver: ByDriver;
  /** By delivery and driver, row by row: 0, or why this driver may not have it whatever the hour (`REASONS`). */
  ruledOut: Uint8Array;
  rules: Rules;
  worth: Worth;
}

/** Who has a delivery. */
export interface Holder {
  driver: number;
  aboard: boolean;
  returning: boolean;
}

/** What the arrays are filled from. */
export interface Source {
  question: PlanQuestion;
  settings: PlanSettings;
  /** In order of id. */
  deliveries: readonly OpenDelivery[];
  drivers: readonly DriverOnDuty[];
  holders: ReadonlyMap<string, Holder>;
  /** The planner's number of a place. */
  placeOf(place: number): number;
}

export function buildModel(question: PlanQuestion): Model {
  checkQuestion(question);
  const settings = mergeSettings(question.settings);
  const drivers = [...question.drivers].sort(byId);
  const holders = holdersOf(drivers);
  const { deliveries, scheduled } = divideBySchedule(question, [...question.deliveries].sort(byId), holders, settings);
  const places = new Map<number, number>();
  const source: Source = {
    question,
    settings,
    deliveries,
    drivers,
    holders,
    placeOf: (place) => numberOf(places, place),
  };
  const { byStop, byDelivery } = fillDeliveries(source);
  const { byDriver, vehicles } = fillDrivers(source, byStop, byDelivery);
  for (const place of (settings.demand ?? []).map((entry) => entry.place).sort((a, b) => a - b)) source.placeOf(place);
  const travel = openTravel(question, [...places.keys()], vehicles);
  return {
    settings,
    nowMs: question.nowMs,
    n: deliveries.length,
    m: drivers.length,
    deliveries,
    drivers,
    scheduled,
    travel,
    byStop,
    byDelivery,
    byDriver,
    ruledOut: eligibility(source, byDelivery, byDriver),
    rules: rulesOf(source, travel, byStop, byDelivery, byDriver),
    worth: openWorth(source, travel, byStop, byDriver),
  };
}

function holdersOf(drivers: readonly DriverOnDuty[]): Map<string, Holder> {
  const holders = new Map<string, Holder>();
  for (const [driver, { route = [] }] of drivers.entries()) {
    for (const { deliveryId, kind } of route) {
      const aboard = holders.get(deliveryId)?.aboard ?? kind !== 'pickup';
      holders.set(deliveryId, { driver, aboard, returning: kind === 'return' });
    }
  }
  return holders;
}

/** Places are numbered by first use, so that the question's own numbers decide nothing. */
function numberOf(numbers: Map<number, number>, place: number): number {
  const known = numbers.get(place);
  if (known !== undefined) return known;
  numbers.set(place, numbers.size);
  return numbers.size - 1;
}
