import type { Db } from '../db/open-db.ts';
import type { Turns } from '../http/dispatch.ts';
import type { Principal } from '../http/principal.ts';

/** Each shop's requests, and its drivers', have a lane of their own at the pool of Postgres: see fair-queue.ts. */
export function openTurns(db: Db): Turns {
  const laneOf = (principal: Principal): Db | null =>
    principal.kind === 'operator' ? null : (db.lane?.(principal.shopId) ?? null);
  return {
    isFull: (principal) => laneOf(principal)?.isFull?.() ?? false,
    of(deps, principal) {
      const lane = laneOf(principal);
      return lane === null ? deps : { ...deps, db: lane };
    },
  };
}
