import type { NumbersView } from '../contract/live.ts';
import { readNumbers } from '../db/statements/numbers.ts';
import type { FlowDeps } from './deps.ts';

/** What a shop did since `since` (ISO 8601). */
export async function numbersSince(deps: Pick<FlowDeps, 'db'>, shopId: string, since: string): Promise<NumbersView> {
  const { on_the_way, median_assign_s, median_deliver_s, ...rest } = await readNumbers(deps.db, shopId, since);
  // When a delivery ended is by the phone's clock, which may be behind: before it was ordered, that is at once.
  const whole = (seconds: number | null) => (seconds === null ? null : Math.max(0, Math.round(seconds)));
  return {
    ...rest,
    onTheWay: on_the_way,
    medianAssignS: whole(median_assign_s),
    medianDeliverS: whole(median_deliver_s),
  };
}
