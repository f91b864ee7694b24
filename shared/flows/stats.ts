import type { StatsView } from '../contract/live.ts';
import { readStats } from '../db/statements/stats.ts';
import type { FlowDeps } from './deps.ts';

/** What a shop did since `since` (ISO 8601). */
export async function statsSince(deps: Pick<FlowDeps, 'db'>, shopId: string, since: string): Promise<StatsView> {
  const { on_the_way, median_assign_s, median_deliver_s, ...rest } = await readStats(deps.db, shopId, since);
  // When a delivery ended is by the phone's clock, which may be behind: before it was ordered, that is at once.
  const whole = (seconds: number | null) => (seconds === null ? null : Math.max(0, Math.round(seconds)));
  return {
    ...rest,
    onTheWay: on_the_way,
    medianAssignS: whole(median_assign_s),
    medianDeliverS: whole(median_deliver_s),
  };
}
