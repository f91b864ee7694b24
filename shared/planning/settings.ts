export const POLICY_NAMES = ['planned', 'nearest'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];
export const BUNDLES = ['none', 'same_pickup', 'any'] as const;
export type Bundle = (typeof BUNDLES)[number];

/** What a shop chooses. Seconds, metres. */
export interface ShopPlanSettings {
  policy: PolicyName;
  /** How far from the pickup a driver may be who is given it. */
  maxRadiusM: number;
  /** What may be aboard together: one delivery; what is collected in one visit; anything that fits. */
  bundle: Bundle;
  /** A driver is told this long before they have to leave. */
  tellAheadS: number;
  /** A customer is shown "no driver yet" for no longer than this, where there is a driver. */
  maxHeldS: number;
  /** A parcel is aboard for no longer than this (hot food); Infinity: as long as it takes. */
  maxAboardS: number;
  /** Promised where an order has no window: from placing to the door, half of it once it is ready. */
  promiseS: number;
  /** An order that nobody has to leave for before this is scheduled, and takes no part in plans. */
  planAheadS: number;
  pickupServiceS: number;
  dropoffServiceS: number;
  /** A told delivery may change driver until it is picked up. */
  takeBack: boolean;
  /** 0: everything as soon as it can; 1: fewest kilometres within what was promised. */
  economy: number;
  /** 0: the best driver, always; 1: deliveries are spread evenly, at a price. */
  fairness: number;
}

/** What the planner is tuned by; weights in seconds of one customer's waiting. Nobody sets these by hand but a bench. */
export interface PlanTuning {
  /** A second of waiting before the promise is over. `economy` multiplies it by 10^(-2·economy). */
  waitWeight: number;
  lateWeight: number;
  unservedS: number;
  driverPrice: number;
  busyPrice: number;
  busyFrom: number;
  busyWindowS: number;
  expectedApproachS: number;
  idlePrice: number;
  overtimeWeight: number;
  reassignS: number;
  driverValueS: number;
  driverValueDecay: number;
  driverValueTailS: number;
  /** Where orders are expected; absent: at the pickups of the question. */
  demand: readonly { place: number; weight: number }[] | null;
  /** What has to end with the shift: the whole route, or only its pickups. */
  shiftEnds: 'route' | 'pickup';
  /** False: stops in hand keep their order. */
  resequence: boolean;
  /** The share of a stop's service that comes before the hand-over. */
  serviceBefore: { pickup: number; dropoff: number };
  marginS: number;
  /** False: everything is told at once. */
  hold: boolean;
  /** Where nothing can be gained by waiting, a driver is told this long before they have to leave. */
  calmAheadS: number;
  /** The search ends with the first of these, or when `stop` says so. Effort: stops looked at, first insertion included. */
  rounds: number;
  effort: number;
  /** So many deliveries are inserted with care, the rest goes behind the routes: repeats what `stop` had cut short. */
  insertions: number | null;
  /** Drivers tried for each delivery. */
  near: number;
  seed: number;
  stop: (() => boolean) | null;
  alternatives: number;
  explain: 'told' | 'all' | 'none';
}

export type PlanSettings = ShopPlanSettings & PlanTuning;

/** For new shops. */
export const SHOP_PLAN_DEFAULTS: ShopPlanSettings = {
  policy: 'planned',
  maxRadiusM: 10_000,
  bundle: 'any',
  tellAheadS: 60,
  maxHeldS: 900,
  maxAboardS: Number.POSITIVE_INFINITY,
  promiseS: 2_700,
  planAheadS: 3 * 3_600,
  pickupServiceS: 90,
  dropoffServiceS: 90,
  takeBack: true,
  economy: 0,
  fairness: 0,
};

/** A second too late counts as so many of waiting. */
const LATE_WEIGHT = 30;

export const PLAN_TUNING: PlanTuning = {
  waitWeight: 1,
  lateWeight: LATE_WEIGHT,
  // As much as being a day late, so that a delivery is left out only where no driver can bring it.
  unservedS: LATE_WEIGHT * 24 * 3_600,
  driverPrice: 0.4,
  busyPrice: 0.6,
  busyFrom: 0.6,
  busyWindowS: 1_800,
  expectedApproachS: 300,
  idlePrice: 0.2,
  overtimeWeight: Number.POSITIVE_INFINITY,
  reassignS: 180,
  driverValueS: 360,
  driverValueDecay: 0.2,
  driverValueTailS: 2 * 3_600,
  demand: null,
  shiftEnds: 'route',
  resequence: true,
  serviceBefore: { pickup: 1, dropoff: 0 },
  marginS: 600,
  hold: true,
  calmAheadS: 600,
  rounds: 200,
  effort: 255_000,
  insertions: null,
  near: 8,
  seed: 0,
  stop: null,
  alternatives: 5,
  explain: 'told',
};

/** The settings of a question, with the defaults for all that it leaves out. */
export function mergeSettings(chosen: Partial<PlanSettings> | undefined): PlanSettings {
  return { ...SHOP_PLAN_DEFAULTS, ...PLAN_TUNING, ...chosen };
}
