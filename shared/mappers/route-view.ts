import type { RouteStopView, RouteView } from '../contract/routes.ts';
import type { DeliveryRow } from '../db/schema.ts';
import type { RouteRows } from '../db/statements/read-route.ts';
import { type RankedStop, stopsOf } from '../dispatch/stops.ts';

/** The stops that are left, the next one first, each with what its driver needs there. */
export function routeView({ driver, deliveries }: RouteRows): RouteView {
  const rows = new Map(deliveries.map((row) => [row.id, row]));
  const stops = stopsOf(deliveries).map((stop) => stopView(stop, rows.get(stop.deliveryId)!, driver.fixed_rank));
  return { driverId: driver.id, version: driver.version, stops };
}

const utc = (at: string | null) => (at === null ? null : new Date(at).toISOString());

function stopView({ deliveryId, kind, rank }: RankedStop, row: DeliveryRow, fixedRank: number): RouteStopView {
  const isDropoff = kind === 'dropoff';
  const place = isDropoff ? row.dropoff : row.pickup;
  return {
    deliveryId,
    deliveryVersion: row.version,
    sellerOrderId: row.order_ref,
    kind,
    lat: isDropoff ? row.dropoff_lat : row.pickup_lat,
    lon: isDropoff ? row.dropoff_lon : row.pickup_lon,
    address: (place.address as string | undefined) ?? null,
    ...contactOf(place),
    plannedAt: utc(kind === 'pickup' ? row.planned_pickup_at : row.planned_dropoff_at),
    ...windowOf(kind, row),
    size: row.size,
    pinned: rank <= fixedRank,
  };
}

type Contact = Pick<RouteStopView, 'name' | 'phone' | 'notes' | 'doorNotes' | 'safePlace'>;

function contactOf({ name, phone, notes, doorNotes, safePlace }: Record<string, unknown>): Contact {
  const said = { name, phone, notes, doorNotes, safePlace };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => typeof value === 'string'));
}

function windowOf(kind: RankedStop['kind'], row: DeliveryRow): Pick<RouteStopView, 'after' | 'before'> {
  if (kind === 'return') return { after: null, before: null };
  if (kind === 'dropoff') return { after: utc(row.dropoff_after), before: utc(row.dropoff_before) };
  const times = [row.pickup_ready_at, row.pickup_after].flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  const after = times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
  return { after, before: utc(row.pickup_before) };
}
