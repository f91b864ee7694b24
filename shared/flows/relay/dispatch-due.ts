import { claimDueDeliveries, exhaustDeliveries, type WaitingRow } from '../../db/statements/waiting-deliveries.ts';
import { type FlowDeps, relayCaller } from '../deps.ts';
import { dispatchWaiting } from '../dispatch-waiting.ts';

const BATCH = 32;
const AT_ONCE = 4;

/**
 * Tries the waiting deliveries whose next try is due; each was given a later one by the claim, so what fails here is
 * tried again. @returns how many were tried
 */
export async function dispatchDue(deps: FlowDeps): Promise<number> {
  const due = [...(await claimDueDeliveries(deps.db, BATCH))].sort(
    (a, b) => a.waiting_since_ms - b.waiting_since_ms || (a.id < b.id ? -1 : 1),
  );
  const rows = due.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const row of rows) await dispatchOne(deps, row);
    }),
  );
  return due.length;
}

async function dispatchOne(deps: FlowDeps, row: WaitingRow): Promise<void> {
  const shop = await deps.shops.byId(row.shop_id);
  if (shop !== null) await dispatchWaiting(deps, relayCaller(), shop, row);
}

/** Tells the shops of deliveries that nobody could be found for. @returns how many */
export function giveUpSearching(deps: FlowDeps): Promise<number> {
  return exhaustDeliveries(deps.db);
}
