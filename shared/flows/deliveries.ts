import type { DeliveryChange } from '../contract/deliveries.ts';
import type { Page } from '../contract/nouns.ts';
import type { DeliveryEventRow, DeliveryRow } from '../db/schema.ts';
import { type ChangeDeliveryResult, changeDelivery as change } from '../db/statements/change-delivery.ts';
import { type DeliveryFilter, listDeliveries as list, readDelivery as read } from '../db/statements/reads.ts';
import type { Ran } from '../db/statements/run-command.ts';
import { changedColumns } from './delivery-columns.ts';
import type { Caller, FlowDeps } from './deps.ts';
import { toPage } from './drivers.ts';

import { type SetPincodeResult, setPincode as set } from '../db/statements/set-pincode.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
/** @param driverId only if this driver holds it, or null for anyone of the shop */
export function readDelivery(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  deliveryId: string,
  driverId: string | null,
): Promise<{ delivery: DeliveryRow; events: readonly DeliveryEventRow[] } | null> {
  return read(deps.db, shopId, deliveryId, driverId);
}

/** Newest first. */
export async function listDeliveries(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  filter: DeliveryFilter,
): Promise<Page<DeliveryRow>> {
  return toPage(await list(deps.db, shopId, { ...filter, limit: filter.limit + 1 }), filter.limit);
}

/**
 * Changes a waiting delivery. One that lacked coordinates and has them now is dispatched at once; the answer shows it
 * as it was changed, before that.
 */
export async function changeDelivery(
  deps: FlowDeps,
  caller: Caller,
  which: { shopId: string; deliveryId: string | null; orderRef: string | null },
  input: DeliveryChange,
): Promise<Ran<ChangeDeliveryResult>> {
  const { shopId, deliveryId, orderRef } = which;
  const ran = await change(
    deps.db,
    caller,
    { shop_id: shopId, delivery_id: deliveryId, order_ref: orderRef },
    changedColumns(input),
  );
  if (ran.kind === 'done' && ran.result.outcome === 'changed' && ran.result.delivery.dispatch === 'searching') {
    await deps.dispatch.mark(shopId);
  }
  return ran;
}

/** @param pincode asked of whoever hands the parcel over from now on; null: nobody is asked */
export function setPincode(
  deps: Pick<FlowDeps, 'db'>,
  caller: Caller,
  which: { shopId: string; deliveryId: string },
  pincode: string | null,
): Promise<Ran<SetPincodeResult>> {
  return set(deps.db, caller, { shop_id: which.shopId, delivery_id: which.deliveryId, pincode });
}
