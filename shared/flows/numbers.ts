import { readNumbers } from '../db/statements/numbers.ts';
import type { FlowDeps } from './deps.ts';

export interface NumbersView {
  waiting: number;
  onTheWay: number;
  created: number;
  delivered: number;
  cancelled: number;
  failed: readonly { code: string; count: number }[];
  /** Seconds in the median; null where there was none. */
  medianAssignS: number | null;
  medianDeliverS: number | null;
  hours: readonly { hour: string; created: number; delivered: number }[];
}

/** What a shop did since `since` (ISO 8601). */
export async function numbersSince(deps: Pick<FlowDeps, 'db'>, shopId: string, since: string): Promise<NumbersView> {
  const { on_the_way, median_assign_s, median_deliver_s, ...rest } = await readNumbers(deps.db, shopId, since);
  const whole = (seconds: number | null) => (seconds === null ? null : Math.round(seconds));
  return {
    ...rest,
    onTheWay: on_the_way,
    medianAssignS: whole(median_assign_s),
    medianDeliverS: whole(median_deliver_s),
  };
}
