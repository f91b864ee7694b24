import type { ByDelivery, ByStop } from './by-delivery.ts';
import type { ByDriver } from './by-driver.ts';
import type { Source } from './model.ts';
import { legS, type Travel } from './travel.ts';

/** Work for each driver where nobody has time for it. */
const NO_HANDS = 3;
/** Work beyond this much for each driver raises the price no more. */
const BUSY_MAX = 2;
/** What each step beyond the average costs at `fairness` 1. */
const FAIR_STEP_S = 300;

/** What is allowed and what it costs, as the inner loops need it. */
export interface Rules {
  /** Nothing else may be aboard; only what is collected in the same visit may be. */
  oneByOne: boolean;
  onePickup: boolean;
  /** No pickup after the end of a shift; no stop at all. */
  shiftEndsPickups: boolean;
  shiftEndsAll: boolean;
  /** A second after the end of the shift; 0 where the end is a limit, or binds pickups alone. */
  overtimePrice: number;
  /** A second of a driver who drives or serves. */
  drivingPrice: number;
  reassignS: number;
  unservedS: number;
  /** Some parcels may be aboard for so long only. */
  agesAboard: boolean;
  /** Each delivery of a driver beyond the average costs this for each one beyond. */
  fairStepS: number;
  /** The average of deliveries by driver, those of today included. */
  fairShare: number;
}

export function rulesOf(
  source: Source,
  travel: Travel,
  byStop: ByStop,
  byDelivery: ByDelivery,
  byDriver: ByDriver,
): Rules {
  const { settings, drivers, deliveries } = source;
  const { bundle, shiftEnds, overtimeWeight, driverPrice, busyPrice, busyFrom } = settings;
  const strict = shiftEnds === 'route' && overtimeWeight === Number.POSITIVE_INFINITY;
  const busy = Math.min(BUSY_MAX, Math.max(0, workload(source, travel, byStop, byDelivery, byDriver) - busyFrom));
  const delivered = byDriver.deliveredToday.reduce((sum, count) => sum + count, deliveries.length);
  return {
    oneByOne: bundle === 'none',
    onePickup: bundle === 'same_pickup',
    shiftEndsPickups: strict || shiftEnds === 'pickup',
    shiftEndsAll: strict,
    overtimePrice: strict || shiftEnds === 'pickup' ? 0 : overtimeWeight,
    drivingPrice: driverPrice + busyPrice * busy,
    reassignS: settings.reassignS,
    unservedS: settings.unservedS,
    agesAboard: settings.maxAboardS < Number.POSITIVE_INFINITY,
    fairStepS: settings.fairness * FAIR_STEP_S,
    fairShare: drivers.length > 0 ? delivered / drivers.length : 0,
  };
}

/** Work that is due soon and that nobody has yet, over the time that drivers have for it. */
function workload(
  { settings, deliveries }: Source,
  travel: Travel,
  { place, before, after, earliest, due }: ByStop,
  { told }: ByDelivery,
  { free, shiftEnd }: ByDriver,
): number {
  const { busyWindowS, marginS, expectedApproachS } = settings;
  let work = 0;
  for (const [i, { dropoff }] of deliveries.entries()) {
    const p = 2 * i;
    const d = p + 1;
    if (told[i]! >= 0) continue;
    const direct = legS(travel, 0, place[p]!, place[d]!);
    const windowed = dropoff.beforeMs === undefined ? Number.NEGATIVE_INFINITY : due[d]! - direct - marginS;
    if (Math.max(earliest[p]!, windowed) > busyWindowS) continue;
    work += expectedApproachS + direct + before[p]! + after[p]! + before[d]! + after[d]!;
  }
  if (free.length === 0) return 0;
  const hands = free.reduce((sum, from, j) => sum + Math.max(0, Math.min(busyWindowS, shiftEnd[j]!) - from), 0);
  return hands > 0 ? work / hands : NO_HANDS;
}
