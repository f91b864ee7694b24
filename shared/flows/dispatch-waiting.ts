import type { ShopRow } from '../db/schema.ts';
import { type AssignResult, assignDelivery } from '../db/statements/assign-delivery.ts';
import type { Ran } from '../db/statements/run-command.ts';
import { readWaiting, type WaitingRow } from '../db/statements/waiting-deliveries.ts';
import type { WaitingDelivery } from '../domain/assignment.ts';
import { assignInRounds } from './assign-in-rounds.ts';
import type { Caller, FlowDeps } from './deps.ts';
import { measureWait } from './measure-assignment.ts';
import { projectDrivers } from './project-drivers.ts';

/** Gives a stored, waiting delivery to the nearest driver. `lost`: nobody could be had now, it goes on waiting. */
export async function assignNearest(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  deliveryId: string,
): Promise<Ran<AssignResult>> {
  const [row] = await readWaiting(deps.db, shop.id, deliveryId);
  if (row !== undefined) return dispatchWaiting(deps, caller, shop, row);
  // It does not wait for a search; the statement says which: unknown, ended, assigned, or without coordinates.
  return decide(deps, caller, { shopId: shop.id, deliveryId, candidates: [], reasons: {}, named: false, final: true });
}

export function dispatchWaiting(
  deps: FlowDeps,
  caller: Caller,
  shop: ShopRow,
  row: WaitingRow,
): Promise<Ran<AssignResult>> {
  return assignInRounds(deps, caller, shop, toWaiting(row), (attempt) =>
    decide(deps, caller, { shopId: shop.id, deliveryId: row.id, named: false, ...attempt }),
  );
}

/** Gives a delivery to the driver a person chose; before pickup also if another one has it. */
export async function assignNamed(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  deliveryId: string,
  driverId: string,
): Promise<Ran<AssignResult>> {
  const ran = await decide(deps, caller, {
    shopId,
    deliveryId,
    candidates: [driverId],
    reasons: { [driverId]: { named: true } },
    named: true,
    final: true,
  });
  if (ran.kind === 'done') await projectDrivers(deps, caller, ran.drivers);
  return ran;
}

export async function decide(
  deps: FlowDeps,
  caller: Caller,
  input: {
    shopId: string;
    deliveryId: string;
    candidates: readonly string[];
    reasons: Record<string, unknown>;
    named: boolean;
    final: boolean;
  },
): Promise<Ran<AssignResult>> {
  const { shopId, deliveryId, ...rest } = input;
  const ran = await assignDelivery(deps.db, caller, { shop_id: shopId, delivery_id: deliveryId, ...rest });
  measureWait(deps.meter, ran);
  return ran;
}

export function toWaiting(row: WaitingRow): WaitingDelivery {
  return {
    id: row.id,
    pickup: { lat: row.pickup_lat, lon: row.pickup_lon },
    dropoff: { lat: row.dropoff_lat, lon: row.dropoff_lon },
    waitingSinceMs: row.waiting_since_ms,
    readyAtMs: row.ready_at_ms,
    dropoffBeforeMs: row.before_ms,
    excludedDriverIds: row.excluded_driver_ids,
  };
}
