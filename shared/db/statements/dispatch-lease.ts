import type { Db } from '../open-db.ts';

/** A planner that dies keeps its shop from the others for no longer than this. */
export const LEASE_S = 10;

/**
 * Takes the shop's lease, or renews one's own. It only saves work: a planner without it does no harm, since the
 * committing statement decides.
 * @returns false while another planner has it
 */
export async function takeLease(db: Db, shopId: string, holder: string): Promise<boolean> {
  const rows = await db.run(
    `INSERT INTO dispatch.dispatch_lease AS l (shop_id, holder, until) VALUES ($1, $2, now() + interval '${LEASE_S} s')
     ON CONFLICT (shop_id) DO UPDATE SET holder = excluded.holder, until = excluded.until
     WHERE l.until < now() OR l.holder = excluded.holder RETURNING 1`,
    [shopId, holder],
  );
  return rows.length > 0;
}

/** Gives it back, if one still has it. */
export async function endLease(db: Db, shopId: string, holder: string): Promise<void> {
  await db.run(
    `UPDATE dispatch.dispatch_lease SET until = now() WHERE shop_id = $1 AND holder = $2 AND until > now()`,
    [shopId, holder],
  );
}
