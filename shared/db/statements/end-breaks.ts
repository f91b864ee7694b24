import type { ProjectedDriver } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command, driverWith } from './command.ts';
import { runCommand } from './run-command.ts';

/** Breaks ended in one statement. */
const AT_ONCE = 500;

/** A break whose time is over, by Postgres' clock. `w` is the driver. */
export const BREAK_IS_OVER = `w.duty = 'BUSY' AND w.break_until <= now()`;

/** A row that is locked is being changed: what becomes of it is seen the next time. */
const END_BREAKS = command('shop_id uuid', {
  steps: `back AS MATERIALIZED (SELECT f.n, w AS r FROM fresh f JOIN dispatch.driver w ON ${BREAK_IS_OVER}
    AND (f.shop_id IS NULL OR w.shop_id = f.shop_id) ORDER BY w.break_until, w.id LIMIT ${AT_ONCE} FOR NO KEY UPDATE OF w SKIP LOCKED)`,
  drivers: `SELECT n, ${driverWith('r', {
    duty: `'AVAILABLE'`,
    break_until: '(r).break_until',
    idle_since: 'CASE WHEN (r).load = 0 THEN now() ELSE (r).idle_since END',
  })} AS r, 'DUTY_AVAILABLE' AS type, NULL::uuid AS delivery_id, NULL::json AS route FROM back`,
  answer: `SELECT f.n, json_build_object('drivers', (SELECT count(*) FROM back)) AS result, false AS keep FROM fresh f`,
});

/**
 * Who said how long their break is comes back by themselves: AVAILABLE from then on. Nobody is given anything on a break
 * where this is late; they only wait for it.
 * @param shopId null: of all shops
 * @param actor whose doing it is
 * @returns those who are back, to be projected
 */
export async function endBreaks(db: Db, shopId: string | null, actor: string): Promise<readonly ProjectedDriver[]> {
  const ran = await runCommand(db, END_BREAKS, { actor, idempotency: null }, { shop_id: shopId });
  return ran.kind === 'done' ? ran.drivers : [];
}
