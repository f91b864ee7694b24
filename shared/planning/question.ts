import type { PlanSettings } from './settings.ts';

/*
 * What a plan is asked, and what it answers. Times are ms since 1970, durations seconds, distances metres. A place is a
 * number that `travelS` and `distanceM` of the question know: the planner never sees coordinates.
 */

/** `return`: a parcel that could not be handed over goes back to where it was collected. */
export type StopKind = 'pickup' | 'dropoff' | 'return';

export interface PlannedStopRef {
  deliveryId: string;
  kind: StopKind;
}

/** One end of a delivery. Absent times bind nobody. */
export interface DeliveryEnd {
  place: number;
  /** Not before: the goods are not ready, or nobody is at the door. */
  afterMs?: number | undefined;
  /** Late after this. A limit where the delivery's windows are hard, else a cost. */
  beforeMs?: number | undefined;
  /** Finding the door, handing over: once for each visit. The setting's value where absent. */
  serviceS?: number | undefined;
}

/** A delivery that is not finished: waiting, or in a driver's route. */
export interface OpenDelivery {
  id: string;
  pickup: DeliveryEnd & { readyAtMs?: number | undefined };
  dropoff: DeliveryEnd;
  placedAtMs: number;
  /** Units of a driver's capacity; 1 where absent. */
  size?: number | undefined;
  /** The driver must have all of these tags. */
  requires?: readonly string[] | undefined;
  /** -5..5, 0 where absent: how much its waiting weighs beside that of others. */
  priority?: number | undefined;
  excludedDriverIds?: readonly string[] | undefined;
  hardWindows?: boolean | undefined;
  /** A person gave it to its driver: it stays there. */
  pinned?: boolean | undefined;
  /** Since when it has been without a driver; `placedAtMs` where absent. `maxHeldS` counts from here. */
  waitingSinceMs?: number | undefined;
  /** When it was picked up, for parcels aboard: `maxAboardS` counts from here. */
  pickedUpAtMs?: number | undefined;
}

/** A driver on duty. */
export interface DriverOnDuty {
  id: string;
  /** Where they are at `freeAtMs`. */
  place: number;
  /** When they can go on; now where absent. */
  freeAtMs?: number | undefined;
  /** Units; 1 where absent. */
  capacity?: number | undefined;
  /** False: on a break or silent. Nothing new for them, also not when they have room again; what is in hand stays theirs. */
  takesNew?: boolean | undefined;
  vehicle?: string | null | undefined;
  tags?: readonly string[] | undefined;
  shiftEndsAtMs?: number | undefined;
  /** Where the route has to end, where it has to. */
  endPlace?: number | undefined;
  /**
   * The stops they were told and have not made, next one first. A delivery whose dropoff is here without its pickup is
   * aboard, and stays with this driver.
   */
  route?: readonly PlannedStopRef[] | undefined;
  /** So many stops of the route stay first, in this order: the one they are heading for, or what a person fixed. */
  lockedStops?: number | undefined;
  /** Units that open offers take. */
  reserved?: number | undefined;
  /** Deliveries brought today, for `fairness`; 0 where absent. */
  deliveredToday?: number | undefined;
  /** Since when nothing is in hand, for the order among equals. */
  idleSinceMs?: number | undefined;
}

export interface PlanQuestion {
  nowMs: number;
  deliveries: readonly OpenDelivery[];
  drivers: readonly DriverOnDuty[];
  /** Seconds of travel; asked once for each pair and vehicle. */
  travelS(from: number, to: number, vehicle: string | null): number;
  /** Metres in a straight line, for `maxRadiusM`; absent: nothing is too far. */
  distanceM?: ((from: number, to: number) => number) | undefined;
  /** `routes` of the last plan: where it still holds, the search goes on from there. */
  previous?: readonly PlannedRoute[] | undefined;
  settings?: Partial<PlanSettings> | undefined;
}

export interface PlannedStop extends PlannedStopRef {
  /** The hand-over. */
  atMs: number;
}

/** All stops that are planned for a driver, told or not. */
export interface PlannedRoute {
  driverId: string;
  stops: readonly PlannedStop[];
}

/** Why a driver is told now. */
export type TellReason =
  /** Leaving later would cost a customer. */
  | 'must_leave'
  /** Nothing can be gained by waiting: nobody else could, and nothing else waits. */
  | 'nothing_to_gain'
  /** The customer has been shown "no driver yet" for `maxHeldS`. */
  | 'held_long_enough'
  /** It was another driver's and is not left without one. */
  | 'taken_over'
  /** The shop's policy tells at once. */
  | 'at_once';

/** A driver whose route changes now: what they are to do from now on, and nothing that is held. */
export interface RouteChange {
  driverId: string;
  stops: readonly PlannedStop[];
  told: readonly { deliveryId: string; reason: TellReason }[];
  /** Deliveries that are no longer theirs. */
  taken: readonly string[];
}

export type HeldReason = 'not_ready' | 'driver_about_to_be_free' | 'may_join_a_trip' | 'no_room_yet' | 'scheduled';

/** Planned, or to be planned later, and better not told yet. */
export interface HeldDelivery {
  deliveryId: string;
  /** Who will probably get it; null where it is not planned before `untilMs`. */
  driverId: string | null;
  untilMs: number;
  reason: HeldReason;
  /** For one that is scheduled: when it can be had at the earliest. */
  pickupAtMs: number | null;
  dropoffAtMs: number | null;
}

export type RuledOutReason =
  | 'off_duty'
  | 'excluded'
  | 'capacity'
  | 'tags'
  | 'too_far'
  | 'shift_end'
  | 'window'
  /** The way to the door takes longer than `maxAboardS` allows. */
  | 'aboard_too_long'
  | 'in_hand'
  | 'route_in_hand';

export interface UnplannedDelivery {
  deliveryId: string;
  reason: RuledOutReason | 'no_driver' | 'too_costly';
  /** What would help, in words: "a driver with the tag cold". */
  help: readonly string[];
}

/** Why this driver, and what the others would have cost: seconds of customers' waiting. */
export interface Decision {
  deliveryId: string;
  driverId: string | null;
  /** What the plan costs more than it would without this delivery. Null where nobody takes it. */
  costS: number | null;
  /** The sum of these is `costS`, to the second. */
  parts: { waitingS: number; lateS: number; drivingS: number; otherS: number } | null;
  pickupAtMs: number | null;
  dropoffAtMs: number | null;
  alternatives: readonly { driverId: string; extraS: number }[];
  ruledOut: Readonly<Partial<Record<RuledOutReason, number>>>;
}

export interface Plan {
  routes: readonly PlannedRoute[];
  changes: readonly RouteChange[];
  held: readonly HeldDelivery[];
  unplanned: readonly UnplannedDelivery[];
  decisions: readonly Decision[];
  costS: number;
  /** Rounds of ruin and recreate. The same question with just these gives this plan again. */
  rounds: number;
  /** Deliveries inserted before `stop` cut the first insertion short, which makes it again; null where it did not. */
  insertions: number | null;
}
