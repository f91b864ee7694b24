import { distanceM, type Position } from './geo.ts';

/*
 * How long a way takes, without a map: the straight line, made longer by what streets add, at the vehicle's speed,
 * times what this shop's finished deliveries have taught.
 */

/**
 * Streets are longer than the straight line. 1.3 to 1.4 is what studies of road networks find (Boscoe et al. 2012,
 * "A Nationwide Comparison of Driving Distance Versus Straight-Line Distance": 1.417 in the median).
 */
const DETOUR = 1.4;

/** Metres per second in town, stops at lights included. */
const SPEEDS_MPS: Readonly<Record<string, number>> = {
  foot: 1.3,
  bicycle: 4.2,
  cargo_bike: 3.9,
  scooter: 6.5,
  car: 7,
  van: 6.5,
  truck: 5.5,
};
const USUAL_MPS = 6;

/** At the door: finding it, ringing, handing over. Counted once for each stop. */
export const STOP_S = 90;

/** What a shop may teach: between half and three times the estimate, and from five trips on. */
const RATIO_MIN = 0.5;
const RATIO_MAX = 3;
const TRIPS_MIN = 5;
/** A trip shorter than this says more about the door than about the way. */
const TRIP_MIN_S = 60;

/** Seconds from one place to another. `ratio` is what `learnRatio` found; 1 where nothing was learned. */
export function estimateS(from: Position, to: Position, vehicle: string | null, ratio = 1): number {
  const speed = SPEEDS_MPS[vehicle ?? ''] ?? USUAL_MPS;
  return ((distanceM(from, to) * DETOUR) / speed) * ratio;
}

/** A finished way: where from and to, with what, and the seconds it took, the hand-over included. */
export interface Trip {
  from: Position;
  to: Position;
  vehicle: string | null;
  tookS: number;
}

/**
 * Median of real over estimated time, held to 0.5..3: one number that knows the shop's town and drivers. The median,
 * so that a forgotten phone does not count for more than one trip. 1 until five trips are known.
 */
export function learnRatio(trips: readonly Trip[]): number {
  const ratios = trips
    .filter((trip) => trip.tookS >= TRIP_MIN_S && estimateS(trip.from, trip.to, trip.vehicle) >= TRIP_MIN_S)
    .map((trip) => Math.max(1, trip.tookS - STOP_S) / estimateS(trip.from, trip.to, trip.vehicle))
    .sort((a, b) => a - b);
  if (ratios.length < TRIPS_MIN) return 1;
  const middle = ratios.length / 2;
  const median = (ratios[Math.ceil(middle) - 1]! + ratios[Math.floor(middle)]!) / 2;
  return Math.min(RATIO_MAX, Math.max(RATIO_MIN, median));
}
