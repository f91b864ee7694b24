import type { Db } from '../db/open-db.ts';
import type { Turns } from '../http/dispatch.ts';
import type { Principal } from '../http/principal.ts';

/** The lane of all who have shown no proof. */
const STRANGERS = 'strangers';

/**
 * Lanes at the pool of Postgres (fair-queue.ts): one for what each shop and its drivers ask, one for all who have shown
 * no proof. What the process asks on its own account stays in the lane '': the operator's commands, the engine's plans,
 * and new orders of whatever shop, whose batches are few at a time and take turns by shop (dispatch/short-way.ts).
 */
export function openTurns(db: Db): Turns {
  const laneOf = (principal: Principal | null): Db | null => {
    if (principal?.kind === 'operator') return null;
    return db.lane?.(principal?.shopId ?? STRANGERS) ?? null;
  };
  return {
    isFull: (principal) => laneOf(principal)?.isFull?.() ?? false,
    of(deps, principal) {
      const lane = laneOf(principal);
      return lane === null ? deps : { ...deps, db: lane };
    },
  };
}
