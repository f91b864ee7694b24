import type { DeliveryMove } from '../contract/deliveries.ts';
import { buryOrder } from '../db/statements/bury-order.ts';
import { commitMove, type Move, type MoveResult } from '../db/statements/move-delivery.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { allowedFrom, type DeliveryStatus, type FailureCode } from '../domain/delivery.ts';
import { placeOfFix } from '../domain/fix.ts';
import type { FlowDeps } from './deps.ts';

export type { MoveResult };

type Which = Pick<Move, 'shop_id' | 'delivery_id' | 'order_ref' | 'driver_id'>;

/** One step, its projection, and a look at the shop: a driver may be free, or a delivery waits again. */
async function take(deps: FlowDeps, caller: Caller, move: Move): Promise<CommandResult<MoveResult>> {
  const ran = await commitMove(deps.db, caller, move);
  if (ran.kind !== 'done' || ran.result.outcome !== 'moved') return ran;
  await projectDrivers(deps, caller, ran.drivers);
  // Who is being asked about it still has a place kept.
  const wasOffered = ran.result.delivery.offered_at !== null;
  if (ran.drivers.length > 0 || wasOffered) await deps.dispatch.mark(move.shop_id);
  return ran;
}

const STILL = {
  occurred_at: null,
  lat: null,
  lon: null,
  proof: null,
  pincode: null,
  by_shop: false,
  failure_code: null,
  note: null,
  parcel: null,
  exclude: false,
};

/**
 * A driver's (or their shop's) report that a delivery has moved on.
 * @param by.driverId the driver who reports, and must hold it; null for the shop, which needs no pincode
 */
export function moveDelivery(
  deps: FlowDeps,
  caller: Caller,
  by: { shopId: string; driverId: string | null },
  deliveryId: string,
  report: DeliveryMove,
): Promise<CommandResult<MoveResult>> {
  const at = report.position && placeOfFix(report.position);
  return take(deps, caller, {
    ...STILL,
    shop_id: by.shopId,
    delivery_id: deliveryId,
    order_ref: null,
    driver_id: by.driverId,
    to_status: report.status,
    from_statuses: allowedFrom(report.status),
    occurred_at: report.occurredAt ?? null,
    lat: at?.lat ?? null,
    lon: at?.lon ?? null,
    proof: report.proof ?? null,
    pincode: report.pincode ?? null,
    by_shop: by.driverId === null,
    failure_code: report.failureCode ?? null,
    note: report.note ?? null,
    parcel: report.parcel ?? null,
  });
}

/** Takes a delivery back from its driver before pickup: it waits again, by default without them. */
export function unassignDelivery(
  deps: FlowDeps,
  caller: Caller,
  which: Which,
  why: { reason: FailureCode | null; note: string | null; keepDriver: boolean },
): Promise<CommandResult<MoveResult>> {
  return take(deps, caller, {
    ...STILL,
    ...which,
    ...to('PENDING'),
    failure_code: why.reason,
    note: why.note,
    exclude: !why.keepDriver,
  });
}

/** Ends a delivery that was not picked up yet. */
export function cancelDelivery(
  deps: FlowDeps,
  caller: Caller,
  which: Which,
  note: string | null,
): Promise<CommandResult<MoveResult>> {
  return take(deps, caller, { ...STILL, ...which, ...to('CANCELLED'), failure_code: 'MANUAL_CANCEL', note });
}

/** Ends the delivery of an order; if the order has not come yet, leaves a tombstone for it to find. */
export async function cancelOrder(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  orderRef: string,
  note: string | null,
): Promise<CommandResult<MoveResult>> {
  const which = { shop_id: shopId, delivery_id: null, order_ref: orderRef, driver_id: null };
  const ran = await cancelDelivery(deps, caller, which, note);
  if (ran.kind !== 'done' || ran.result.outcome !== 'not_found') return ran;
  const buried = await buryOrder(deps.db, caller, { shop_id: shopId, order_ref: orderRef });
  if (buried.kind === 'in_flight' || buried.kind === 'key_reused') return buried;
  const { result } = buried;
  return result.outcome === 'exists' ? cancelDelivery(deps, caller, which, note) : { ...buried, result };
}

function to(status: DeliveryStatus): Pick<Move, 'to_status' | 'from_statuses'> {
  return { to_status: status, from_statuses: allowedFrom(status) };
}
