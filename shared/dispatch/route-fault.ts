import { type HeldParcel, type RouteProblem, routeProblem } from '../planning/legal-route.ts';
import type { PlannedStopRef } from '../planning/question.ts';

export interface RouteFault {
  /** JSON pointer into the list of stops. */
  pointer: string;
  detail: string;
}

const WORDS = {
  unknown_stop: 'is not a stop of this driver',
  twice: 'is there already',
  dropoff_before_pickup: 'must not come before its pickup',
  over_capacity: 'is more than fits',
  missing: 'must have all stops of this driver',
} as const satisfies Record<RouteProblem, string>;

/**
 * What is wrong with this order of the stops of a driver who holds these parcels; null: nothing. A pickup that was made
 * meanwhile may still be named. How much fits is no question: it is what they hold, in another order.
 */
export function routeFault(stops: readonly PlannedStopRef[], parcels: readonly HeldParcel[]): RouteFault | null {
  const aboard = new Set(parcels.filter((parcel) => parcel.aboard).map(({ deliveryId }) => deliveryId));
  const left = stops
    .map((stop, place) => ({ ...stop, place }))
    .filter(({ deliveryId, kind }) => kind !== 'pickup' || !aboard.has(deliveryId));
  for (const [length, { place }] of left.entries()) {
    const problem = routeProblem(left.slice(0, length + 1), parcels, Number.POSITIVE_INFINITY);
    if (problem !== null && problem !== 'missing') return { pointer: `/${place}`, detail: WORDS[problem] };
  }
  return routeProblem(left, parcels, Number.POSITIVE_INFINITY) === null ? null : { pointer: '', detail: WORDS.missing };
}
