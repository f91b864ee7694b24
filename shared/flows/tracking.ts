import type { TrackingView } from '../contract/tracking.ts';
import { readTracked } from '../db/statements/tracked.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { Routing } from '../routing/open-routing.ts';
import { arrivalOf } from './arrival.ts';
import { positionsOf } from './changes.ts';
import type { FlowDeps } from './deps.ts';

export interface TrackingFound {
  view: TrackingView;
  delivery: { id: string; shopId: string };
}

/** What a customer sees of his delivery. `null`: there is none, or it ended more than a day ago. */
export async function trackDelivery(
  deps: Pick<FlowDeps, 'db' | 'availability'> & { routing: Routing | null },
  deliveryId: string,
): Promise<TrackingFound | null> {
  const tracked = await readTracked(deps.db, deliveryId);
  if (tracked === null) return null;
  const { delivery: row, driver_name: name, vehicle } = tracked;
  const onTheWay = row.status === 'PICKED_UP' || row.status === 'IN_TRANSIT';
  const shown = onTheWay && row.driver_id !== null && name !== null;
  const [[seen] = [], arrival] = await Promise.all([
    shown ? positionsOf(deps, row.shop_id, [row.driver_id!], true) : [],
    onTheWay || row.status === 'ASSIGNED' ? arrivalOf(deps, row, vehicle) : null,
  ]);
  const view: TrackingView = {
    shop: tracked.shop_name,
    reference: row.order_ref,
    status: row.status as DeliveryStatus,
    steps: {
      orderedAt: utc(row.created_at),
      assignedAt: utcOrNull(row.assigned_at),
      pickedUpAt: utcOrNull(row.picked_up_at),
      endedAt: utcOrNull(row.ended_at),
    },
    driver: shown
      ? {
          firstName: name.trim().split(/\s+/)[0] ?? '',
          vehicle,
          position: seen ? { lat: seen[1], lon: seen[2] } : null,
          seenAt: seen && seen[3] > 0 ? new Date(seen[3]).toISOString() : null,
        }
      : null,
    dropoff:
      row.dropoff_lat === null || row.dropoff_lon === null ? null : { lat: row.dropoff_lat, lon: row.dropoff_lon },
    eta: arrival && { at: new Date(tracked.now_ms + arrival.etaS * 1000).toISOString(), source: arrival.source },
    proof:
      row.status === 'DELIVERED'
        ? {
            receivedBy: (row.proof?.receivedBy as string | undefined) ?? null,
            hasPhoto: typeof row.proof?.photoUrl === 'string',
          }
        : null,
  };
  return { view, delivery: { id: row.id, shopId: row.shop_id } };
}

const utc = (at: string) => new Date(at).toISOString();
const utcOrNull = (at: string | null) => (at === null ? null : utc(at));
