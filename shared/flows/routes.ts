import type { RouteChange, RouteView } from '../contract/routes.ts';
import type { DeliveryRow } from '../db/schema.ts';
import { commitRoute } from '../db/statements/arrange-route.ts';
import { type RouteRows, readStopsBefore, selectRoute } from '../db/statements/read-route.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import { type RouteFault, routeFault } from '../dispatch/route-fault.ts';
import { timeRoute } from '../dispatch/time-route.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { routeView } from '../mappers/route-view.ts';
import { positionsOf } from './changes.ts';
import type { FlowDeps } from './deps.ts';

export type Arranged =
  | { outcome: 'arranged' | 'route_changed'; route: RouteView }
  | ({ outcome: 'illegal' } & RouteFault)
  | { outcome: 'not_found' };

/** A driver's stops, the next one first. `null`: the shop has no such driver. */
export async function readRoute(
  { db }: Pick<FlowDeps, 'db'>,
  shopId: string,
  driverId: string,
): Promise<RouteView | null> {
  const rows = await selectRoute(db, shopId, driverId);
  return rows && routeView(rows);
}

/**
 * Puts a driver's stops in another order. What the shop says is fixed as a whole; of what the driver says the next stop
 * is: the rest may be planned anew.
 * @param by.isDriver the driver says it
 */
export async function arrangeRoute(
  deps: FlowDeps,
  caller: Caller,
  by: { shopId: string; driverId: string; isDriver: boolean },
  { version, stops }: RouteChange,
  nowMs: number,
): Promise<CommandResult<Arranged>> {
  const { shopId, driverId } = by;
  const planned = await plannedTimes(deps, by, stops, nowMs);
  const ran = await commitRoute(deps.db, caller, {
    shop_id: shopId,
    driver_id: driverId,
    version,
    fixed_stops: by.isDriver ? 1 : stops.length,
    stops: stops.map(({ deliveryId: delivery, kind }) => ({ delivery, kind, at: planned(delivery, kind) })),
  });
  if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
  const { result } = ran;
  if (result.outcome === 'arranged') {
    if (ran.kind === 'done') {
      await projectDrivers(deps, caller, ran.drivers);
      await deps.dispatch.mark(shopId);
    }
    return { ...ran, result: { outcome: 'arranged', route: routeView(result) } };
  }
  const now = result.outcome === 'not_found' ? null : await selectRoute(deps.db, shopId, driverId);
  if (now === null) return { ...ran, result: { outcome: 'not_found' } };
  const fault = result.outcome === 'illegal' ? faultIn(stops, now) : null;
  // Nothing wrong with it any more: the route has become another one since.
  return {
    ...ran,
    result: fault ? { outcome: 'illegal', ...fault } : { outcome: 'route_changed', route: routeView(now) },
  };
}

/** When the driver makes these stops in this order, where anybody knows where they are: else the next plan says it. */
async function plannedTimes(
  deps: FlowDeps,
  { shopId, driverId }: { shopId: string; driverId: string },
  order: RouteChange['stops'],
  nowMs: number,
): Promise<(deliveryId: string, kind: string) => string | null> {
  const [seen] = await positionsOf(deps, shopId, [driverId], true);
  if (seen === undefined) return () => null;
  const position = { lat: seen[1], lon: seen[2] };
  const timed = await timeRoute(deps, { shopId, driverId, position, nowMs, order });
  const at = new Map(
    timed?.stops.map((stop) => [`${stop.kind} ${stop.deliveryId}`, new Date(stop.atMs).toISOString()]),
  );
  return (deliveryId, kind) => at.get(`${kind} ${deliveryId}`) ?? null;
}

function faultIn(stops: RouteChange['stops'], { deliveries }: RouteRows): RouteFault | null {
  const parcels = deliveries.map((row) => ({
    deliveryId: row.id,
    size: row.size,
    aboard: row.pickup_rank === null,
    returning: row.status === 'FAILED',
  }));
  const fault = routeFault(stops, parcels);
  return fault && { ...fault, pointer: `/stops${fault.pointer}` };
}

/** How many stops its driver makes before the next one of each; for those whose driver is on the way. */
export async function stopsBefore(
  { db }: Pick<FlowDeps, 'db'>,
  rows: readonly DeliveryRow[],
): Promise<ReadonlyMap<string, number>> {
  const ids = rows.filter((row) => row.dropoff_rank !== null).map((row) => row.id);
  return ids.length === 0 ? new Map() : readStopsBefore(db, ids);
}
