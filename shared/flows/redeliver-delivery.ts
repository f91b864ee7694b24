import type { Redelivery } from '../contract/deliveries.ts';
import type { WhichDelivery } from '../db/statements/change-delivery.ts';
import type { DetailsChange } from '../db/statements/changed-details.ts';
import { commitRedelivery, type RedeliverResult } from '../db/statements/redeliver-delivery.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { changedColumns } from '../mappers/delivery-columns.ts';
import type { FlowDeps } from './deps.ts';

/**
 * The next attempt of a delivery that has failed, was returned or cancelled: by the driver who still has the parcel, or
 * planned again from the pickup point.
 * @param options as those of `changeDelivery`
 */
export async function redeliverDelivery(
  deps: FlowDeps,
  caller: Caller,
  which: WhichDelivery,
  { note, ...change }: Redelivery,
  options: { partly?: boolean } & Pick<DetailsChange, 'message_digest' | 'relocates'> = {},
): Promise<CommandResult<RedeliverResult>> {
  const { partly = false, ...said } = options;
  const changed = { ...changedColumns(change), ...said };
  const ran = await commitRedelivery(deps.db, caller, which, changed, { partly, note: note ?? null });
  if (ran.kind !== 'done' || ran.result.outcome !== 'redelivered') return ran;
  await projectDrivers(deps, caller, ran.drivers);
  // In a driver's hands it is in their route, which is planned anew also where nothing waits.
  await deps.dispatch.mark(which.shop_id, ran.result.delivery.status !== 'PENDING');
  return ran;
}
