import type { TrackingView } from '../contract/tracking.ts';
import type { DeliveryRow } from '../db/schema.ts';
import { readTracked } from '../db/statements/tracked.ts';
import { type DeliveryStatus, hasEnded, isOnTheWay } from '../domain/delivery.ts';
import { customerPageOf } from '../mappers/views.ts';
import type { TrackingLinks } from '../secrets/tracking-links.ts';
import { arrivalOf } from './arrival.ts';
import { positionsOf } from './changes.ts';
import type { FlowDeps } from './deps.ts';
import { stopsBefore } from './routes.ts';

export interface TrackingFound {
  view: TrackingView;
  delivery: { id: string; shopId: string };
}

/** What a customer sees of their delivery. `null`: there is none, or it ended more than a day ago. */
export async function trackDelivery(
  deps: Pick<FlowDeps, 'db' | 'availability' | 'shops' | 'routing'>,
  deliveryId: string,
): Promise<TrackingFound | null> {
  const tracked = await readTracked(deps.db, deliveryId);
  if (tracked === null) return null;
  const { delivery: row, driver_name: name, vehicle } = tracked;
  const onTheWay = isOnTheWay(row.status);
  const shown = onTheWay && row.driver_id !== null && name !== null;
  const [[seen] = [], arrival, before] = await Promise.all([
    shown ? positionsOf(deps, row.shop_id, [row.driver_id!], true) : [],
    arrivalOf(deps, row, tracked.now_ms),
    stopsBefore(deps, [row]),
  ]);
  const { callDriver, ...page } = customerPageOf(tracked);
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
          phone: callDriver ? tracked.driver_phone : null,
          position: seen ? { lat: seen[1], lon: seen[2] } : null,
          seenAt: seen && seen[3] > 0 ? new Date(seen[3]).toISOString() : null,
        }
      : null,
    dropoff:
      row.dropoff_lat === null || row.dropoff_lon === null ? null : { lat: row.dropoff_lat, lon: row.dropoff_lon },
    eta: arrival && { at: new Date(tracked.now_ms + arrival.etaS * 1000).toISOString(), source: arrival.source },
    expected: row.status === 'PENDING' ? expectedOf(row) : null,
    stopsBefore: row.status === 'FAILED' ? null : (before.get(row.id) ?? null),
    page,
    pincode: onTheWay ? row.pincode : null,
    rating: row.rating === null ? null : { stars: row.rating, note: row.rating_note },
    instructions: {
      doorNotes: (row.dropoff.doorNotes as string | undefined) ?? null,
      safePlace: (row.dropoff.safePlace as string | undefined) ?? null,
      changeable: !hasEnded(row.status),
    },
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

/** The same by the token of a customer's link. `null` also where it is not genuine. */
export async function trackByToken(
  deps: Parameters<typeof trackDelivery>[0] & { links: TrackingLinks },
  token: string,
): Promise<TrackingFound | null> {
  const id = deps.links.deliveryOf(token);
  return id === null ? null : trackDelivery(deps, id);
}

/** A plan that nobody was told of yet is no promise to the minute. */
const EXPECTED_WITHIN_MS = 15 * 60_000;

function expectedOf({ planned_dropoff_at: planned, dropoff_after, dropoff_before }: DeliveryRow) {
  if (planned !== null) {
    return { from: utc(planned), to: new Date(Date.parse(planned) + EXPECTED_WITHIN_MS).toISOString() };
  }
  if (dropoff_after === null && dropoff_before === null) return null;
  return { from: utcOrNull(dropoff_after), to: utcOrNull(dropoff_before) };
}

const utc = (at: string) => new Date(at).toISOString();
const utcOrNull = (at: string | null) => (at === null ? null : utc(at));

/** The shop behind a customer's link, for whoever only looks at where it leads. Null also where the link is not genuine. */
export async function shopOfLink(
  { db, links }: Pick<FlowDeps, 'db'> & { links: TrackingLinks },
  token: string,
): Promise<{ name: string; color: string | null; logoUrl: string | null } | null> {
  const id = links.deliveryOf(token);
  const tracked = id === null ? null : await readTracked(db, id);
  return tracked && { name: tracked.shop_name, ...customerPageOf(tracked) };
}
