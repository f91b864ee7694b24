import type { DeliveryChange } from '../contract/deliveries.ts';
import type { Page } from '../contract/nouns.ts';
import type { DeliveryEventRow, DeliveryRow } from '../db/schema.ts';
import {
  type ChangeDeliveryResult,
  commitDeliveryChange,
  type DetailsChange,
} from '../db/statements/change-delivery.ts';
import { type DeliveryFilter, selectDeliveries, selectDelivery } from '../db/statements/reads.ts';
import { commitPincode, type SetPincodeResult } from '../db/statements/set-pincode.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { changedColumns } from '../mappers/delivery-columns.ts';
import type { FlowDeps } from './deps.ts';
import { toPage } from './drivers.ts';

/** @param driverId only if this driver holds it, or null for anyone of the shop */
export function readDelivery(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  deliveryId: string,
  driverId: string | null,
): Promise<{ delivery: DeliveryRow; events: readonly DeliveryEventRow[] } | null> {
  return selectDelivery(deps.db, shopId, deliveryId, driverId);
}

/** Newest first. */
export async function listDeliveries(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  filter: DeliveryFilter,
): Promise<Page<DeliveryRow>> {
  return toPage(await selectDeliveries(deps.db, shopId, { ...filter, limit: filter.limit + 1 }), filter.limit);
}

/**
 * Changes details of a delivery, until it is too late for them. Where a plan may go by what is new, the shop is planned
 * again: the answer shows the delivery as it was changed, before that.
 * @param options.partly what comes too late is left, and the rest done; else nothing is
 * @param options.message_digest of the shop's message that says it: the same again changes nothing
 * @param options.relocates another address without coordinates is somewhere else
 */
export async function changeDelivery(
  deps: FlowDeps,
  caller: Caller,
  which: { shopId: string; deliveryId: string | null; orderRef: string | null },
  input: DeliveryChange,
  options: { partly?: boolean } & Pick<DetailsChange, 'message_digest' | 'relocates'> = {},
): Promise<CommandResult<ChangeDeliveryResult>> {
  const { shopId, deliveryId, orderRef } = which;
  const { partly = false, ...said } = options;
  const ran = await commitDeliveryChange(
    deps.db,
    caller,
    { shop_id: shopId, delivery_id: deliveryId, order_ref: orderRef },
    { ...changedColumns(input), ...said },
    { partly },
  );
  if (ran.kind !== 'done' || ran.result.outcome !== 'changed') return ran;
  await projectDrivers(deps, caller, ran.drivers);
  // What somebody has in hand is planned anew also where nothing waits.
  if (ran.result.replan) await deps.dispatch.mark(shopId, ran.result.delivery.status === 'ASSIGNED');
  return ran;
}

/** @param pincode from now on the driver has to tell it at the door; null: no code is asked */
export function setPincode(
  deps: Pick<FlowDeps, 'db'>,
  caller: Caller,
  which: { shopId: string; deliveryId: string },
  pincode: string | null,
): Promise<CommandResult<SetPincodeResult>> {
  return commitPincode(deps.db, caller, { shop_id: which.shopId, delivery_id: which.deliveryId, pincode });
}
