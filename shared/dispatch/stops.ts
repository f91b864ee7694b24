import type { DeliveryFacts } from '../db/statements/read-snapshot.ts';
import type { PlannedStopRef } from '../planning/question.ts';

/** A stop of a driver as the tables have it. */
export interface RankedStop extends PlannedStopRef {
  rank: number;
}

/**
 * The stops of a driver in order: each delivery's pickup until it is made, and its last stop; a parcel that failed and
 * is still aboard goes back (`return`).
 */
export function stopsOf(
  held: readonly Pick<DeliveryFacts, 'id' | 'status' | 'pickup_rank' | 'dropoff_rank'>[],
): readonly RankedStop[] {
  const stops = held.flatMap((delivery): RankedStop[] => {
    const { id: deliveryId, pickup_rank, dropoff_rank, status } = delivery;
    const last = dropoff_rank === null ? [] : [{ deliveryId, kind: lastKind(status), rank: dropoff_rank }];
    return pickup_rank === null ? last : [{ deliveryId, kind: 'pickup', rank: pickup_rank }, ...last];
  });
  return stops.sort((a, b) => a.rank - b.rank || (a.deliveryId < b.deliveryId ? -1 : 1));
}

function lastKind(status: string): 'dropoff' | 'return' {
  return status === 'FAILED' ? 'return' : 'dropoff';
}
