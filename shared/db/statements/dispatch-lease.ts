import type { Db } from '../open-db.ts';

/*
 * One planner a shop at a time, by a row that `readWaiting` takes and renews. It only saves work: a planner without it
 * does no harm, since the committing statement decides.
 */

/**
 * A planner that dies keeps its shop from the others for no longer than this: less than the 5 s that an order may wait
 * beside a free driver. Each plan takes it anew, and one that takes longer is only doubled.
 */
export const LEASE_S = 4;

/** Gives it back, if one still has it; for `restMs` nobody gets it. */
export async function endLease(db: Db, shopId: string, holder: string, restMs: number): Promise<void> {
  await db.run(
    `UPDATE dispatch.dispatch_lease SET until = least(until, now()), rests_until = CASE WHEN $3::float8 > 0 THEN now() + $3::float8 * interval '1 ms' END
     WHERE shop_id = $1 AND holder = $2`,
    [shopId, holder, restMs],
  );
}
