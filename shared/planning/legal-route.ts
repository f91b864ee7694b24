import type { PlannedStopRef } from './question.ts';

/** A delivery that a driver holds, as far as the order of stops is concerned. */
export interface HeldParcel {
  deliveryId: string;
  /** Units of capacity. */
  size: number;
  /** Collected already: only its dropoff, or its return, is to come. */
  aboard: boolean;
  /** It goes back to where it was collected; only with `aboard`. */
  returning?: boolean | undefined;
}

export type RouteProblem =
  /** A stop of a delivery that the driver does not hold, or one that is made already. */
  | 'unknown_stop'
  | 'twice'
  | 'dropoff_before_pickup'
  /** More is aboard after a pickup than fits. */
  | 'over_capacity'
  /** A stop that is still to be made is not there. */
  | 'missing';

/**
 * What is wrong with this order of stops for a driver who holds these parcels and may have `room` units aboard; null:
 * nothing. Each parcel has its pickup and dropoff here, or its dropoff or return alone where it is aboard.
 */
export function routeProblem(
  stops: readonly PlannedStopRef[],
  parcels: readonly HeldParcel[],
  room: number,
): RouteProblem | null {
  const held = new Map(parcels.map((parcel) => [parcel.deliveryId, parcel]));
  const collected = new Set(parcels.filter(({ aboard }) => aboard).map(({ deliveryId }) => deliveryId));
  const ended = new Set<string>();
  let load = parcels.reduce((sum, { aboard, size }) => sum + (aboard ? size : 0), 0);
  for (const { deliveryId, kind } of stops) {
    const parcel = held.get(deliveryId);
    if (!parcel || (kind === 'pickup' ? parcel.aboard : (kind === 'return') !== (parcel.returning ?? false))) {
      return 'unknown_stop';
    }
    if (kind === 'pickup') {
      if (collected.has(deliveryId)) return 'twice';
      collected.add(deliveryId);
      load += parcel.size;
      if (load > room) return 'over_capacity';
    } else {
      if (ended.has(deliveryId)) return 'twice';
      if (!collected.has(deliveryId)) return 'dropoff_before_pickup';
      ended.add(deliveryId);
      load -= parcel.size;
    }
  }
  return parcels.every(({ deliveryId }) => ended.has(deliveryId)) ? null : 'missing';
}
