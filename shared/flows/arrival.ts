import type { DeliveryRow } from '../db/schema.ts';
import { readFinishedTrips } from '../db/statements/numbers.ts';
import { etaS, learnRatio, legsOf, STOP_S } from '../domain/eta.ts';
import type { Position } from '../domain/geo.ts';
import type { Routing } from '../routing/open-routing.ts';
import { remember } from '../runtime/remember.ts';
import { positionsOf } from './changes.ts';
import type { FlowDeps } from './deps.ts';

/** When a delivery will be made, and who says so. */
export interface Arrival {
  etaS: number;
  source: 'routing' | 'estimate';
}

const RATIO_TTL_MS = 60_000;
const ratios = new WeakMap<FlowDeps['db'], ReturnType<typeof remember<number>>>();

/** What this shop's finished deliveries teach about its ways (domain/eta.ts); looked up once a minute. */
export function ratioOf({ db }: Pick<FlowDeps, 'db'>, shopId: string): Promise<number> {
  const known = ratios.get(db) ?? remember(RATIO_TTL_MS, (id: string) => learn(db, id));
  ratios.set(db, known);
  return known.get(shopId);
}

async function learn(db: FlowDeps['db'], shopId: string): Promise<number> {
  const trips = await readFinishedTrips(db, shopId);
  return learnRatio(
    trips.map((trip) => ({
      from: { lat: trip.from_lat, lon: trip.from_lon },
      to: { lat: trip.to_lat, lon: trip.to_lon },
      vehicle: trip.vehicle,
      tookS: trip.took_s,
    })),
  );
}

/** `null` for a delivery that is not on its way, lacks coordinates, or whose driver is nowhere to be seen. */
export async function arrivalOf(
  deps: Pick<FlowDeps, 'db' | 'availability'> & { routing: Routing | null },
  row: DeliveryRow,
  vehicle: string | null,
): Promise<Arrival | null> {
  const [pickup, dropoff] = [placeOf(row.pickup_lat, row.pickup_lon), placeOf(row.dropoff_lat, row.dropoff_lon)];
  if (row.driver_id === null || pickup === null || dropoff === null) return null;
  const [tuple] = await positionsOf(deps, row.shop_id, [row.driver_id], true);
  if (tuple === undefined) return null;
  const position = { lat: tuple[1], lon: tuple[2] };
  const legs = legsOf(row.status, position, pickup, dropoff);
  if (legs.length === 0) return null;
  const routed = await deps.routing?.durationsS(legs, vehicle);
  if (routed) {
    const waysS = routed.reduce((sum, each) => sum + each, 0);
    return { etaS: Math.round(waysS + (legs.length - 1) * STOP_S), source: 'routing' };
  }
  const ratio = await ratioOf(deps, row.shop_id);
  const estimated = etaS({ status: row.status, pickup, dropoff }, { position, vehicle }, ratio);
  return estimated === null ? null : { etaS: estimated, source: 'estimate' };
}

function placeOf(lat: number | null, lon: number | null): Position | null {
  return lat === null || lon === null ? null : { lat, lon };
}
