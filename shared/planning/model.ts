import { checkQuestion } from './check-question.ts';
import { type DeliveryArrays, deliveryArrays } from './delivery-arrays.ts';
import { type DriverArrays, driverArrays } from './driver-arrays.ts';
import { byId } from './order.ts';
import { costWeights } from './prices.ts';
import type { DriverOnDuty, HeldDelivery, OpenDelivery, PlanQuestion } from './question.ts';
import { divideBySchedule } from './scheduled.ts';
import { mergeSettings, type PlanSettings } from './settings.ts';
import { openTravel, type Travel } from './travel.ts';

/**
 * The question as arrays, which is what the inner loops need. Delivery i has the stops 2i (pickup) and 2i + 1 (dropoff,
 * or return); driver j starts at stop 2n + j. Times are seconds from now, costs seconds of one customer's waiting.
 */
export interface Model extends DeliveryArrays, DriverArrays, CostWeights {
  settings: PlanSettings;
  nowMs: number;
  n: number;
  m: number;
  /** In order of id; those that are scheduled for later are left out. */
  deliveries: readonly OpenDelivery[];
  drivers: readonly DriverOnDuty[];
  scheduled: readonly HeldDelivery[];
  travel: Travel;
}

/** What things cost. */
export interface CostWeights {
  /** A second of a driver who drives or serves. */
  price: number;
  /** By place: what a free driver there is worth; asked once for each place. */
  worthAt(place: number): number;
  /** Each delivery that a driver has beyond the average costs this for each one beyond. */
  fairStepS: number;
  /** The average of deliveries by driver, today's included. */
  fairShare: number;
}

/** Who has a delivery. */
export interface Holder {
  driver: number;
  aboard: boolean;
  returning: boolean;
}

export function buildModel(question: PlanQuestion): Model {
  checkQuestion(question);
  const settings = mergeSettings(question.settings);
  const drivers = [...question.drivers].sort(byId);
  const holders = holdersOf(drivers);
  const { deliveries, scheduled } = divideBySchedule(question, [...question.deliveries].sort(byId), holders, settings);
  const numbers = new Map<number, number>();
  const number = (place: number): number => numberOf(numbers, place);
  const ofDeliveries = deliveryArrays({ question, settings, deliveries, drivers, holders, number });
  const ofDrivers = driverArrays({ question, settings, deliveries, drivers, number, arrays: ofDeliveries });
  for (const place of (settings.demand ?? []).map((entry) => entry.place).sort((a, b) => a - b)) number(place);
  const travel = openTravel(question, [...numbers.keys()], ofDrivers.vehicles);
  const base = { settings, nowMs: question.nowMs, n: deliveries.length, m: drivers.length, deliveries, drivers };
  const parts = { ...base, scheduled, travel, ...ofDeliveries, ...ofDrivers };
  return { ...parts, ...costWeights(parts, number) };
}

function holdersOf(drivers: readonly DriverOnDuty[]): Map<string, Holder> {
  const holders = new Map<string, Holder>();
  for (const [driver, { route = [] }] of drivers.entries()) {
    for (const { deliveryId, kind } of route) {
      const before = holders.get(deliveryId);
      holders.set(deliveryId, {
        driver,
        aboard: before ? before.aboard : kind !== 'pickup',
        returning: kind === 'return',
      });
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
