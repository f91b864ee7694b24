import type { ProjectedDriver } from '../../domain/command.ts';
import { ACTIVE_STATUSES } from '../../domain/delivery.ts';
import { OFFLINE_AFTER_S, REDISPATCH_AFTER_S } from '../../domain/driver.ts';
import type { Db } from '../open-db.ts';
import { sqlList } from '../sql-list.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import { silentSince } from './eligible.ts';
import { runCommand } from './run-command.ts';

/** Rows that one sweep changes at most; as many: there may be more. */
export const SWEPT_AT_ONCE = 500;

const RELAY = { actor: 'relay', idempotency: null };

/** Silent and empty-handed: OFFLINE in Postgres too. A driver never heard from counts from when they came on duty. */
const SET_SILENT_OFFLINE = command('silent_s int', {
  steps: `silent AS MATERIALIZED (SELECT f.n, w AS r FROM fresh f, dispatch.driver w
  LEFT JOIN dispatch.driver_location l ON l.driver_id = w.id
  WHERE w.duty <> 'OFFLINE' AND w.load = 0 AND coalesce(${silentSince('w')}, w.idle_since) < now() - f.silent_s * interval '1 s'
  ORDER BY w.id LIMIT ${SWEPT_AT_ONCE} FOR NO KEY UPDATE OF w SKIP LOCKED)`,
  drivers: `SELECT n, ${driverWith('r', { duty: `'OFFLINE'` })} AS r, 'SILENT' AS type, NULL::uuid AS delivery_id,
    NULL::json AS route FROM silent`,
  answer: `SELECT f.n, json_build_object('drivers', (SELECT count(*) FROM silent)) AS result, false AS keep FROM fresh f`,
});

/** Shops in which somebody on duty was not heard from for so long, as far as Postgres knows. */
export async function listShopsOfSilent(db: Db): Promise<readonly string[]> {
  const rows = await db.run<{ shop_id: string }>(
    `SELECT DISTINCT w.shop_id FROM dispatch.driver w LEFT JOIN dispatch.driver_location l ON l.driver_id = w.id
     WHERE (w.duty <> 'OFFLINE' OR w.load > 0) AND coalesce(${silentSince('w')}, w.idle_since) < now() - $1::int * interval '1 s'`,
    [OFFLINE_AFTER_S],
  );
  return rows.map((row) => row.shop_id);
}

/** Sets silent drivers OFFLINE, `SWEPT_AT_ONCE` at a time. @returns those changed, to be projected */
export async function sweepSilentDrivers(db: Db): Promise<readonly ProjectedDriver[]> {
  const ran = await runCommand<{ drivers: number }>(db, SET_SILENT_OFFLINE, RELAY, { silent_s: OFFLINE_AFTER_S });
  return ran.kind === 'done' ? ran.drivers : [];
}

/** Silent with a delivery in hand: they stay BUSY, the delivery is marked; heard from again: the mark goes. */
const MARK_UNREACHABLE = command('silent_s int', {
  steps: `judged AS MATERIALIZED (SELECT f.n, x AS d, ${silentSince('w')} < now() - f.silent_s * interval '1 s' AS silent
  FROM fresh f, dispatch.delivery x JOIN dispatch.driver w ON w.id = x.driver_id
  JOIN dispatch.driver_location l ON l.driver_id = x.driver_id
  WHERE x.dropoff_rank IS NOT NULL AND x.status IN (${sqlList(ACTIVE_STATUSES)})
    AND (${silentSince('w')} < now() - f.silent_s * interval '1 s') <> (x.unreachable_since IS NOT NULL)
  ORDER BY x.id LIMIT ${SWEPT_AT_ONCE} FOR NO KEY UPDATE OF x SKIP LOCKED),
marked AS MATERIALIZED (SELECT n, silent, ${deliveryWith('d', {
    unreachable_since: 'CASE WHEN silent THEN now() END',
    version: '(d).version + 1',
  })} AS d FROM judged)`,
  deliveries: 'SELECT n, d FROM marked',
  events: [
    event({
      from: 'marked',
      d: 'd',
      type: `CASE WHEN silent THEN 'DRIVER_UNREACHABLE' ELSE 'DRIVER_REACHABLE' END`,
    }),
  ],
  answer: `SELECT f.n, json_build_object('deliveries', (SELECT count(*) FROM marked WHERE silent)) AS result, false AS keep FROM fresh f`,
});

/** Marks deliveries whose driver went silent, and clears the mark of those whose driver is back. @returns newly marked */
export async function markUnreachable(db: Db): Promise<number> {
  const ran = await runCommand<{ deliveries: number }>(db, MARK_UNREACHABLE, RELAY, { silent_s: OFFLINE_AFTER_S });
  return ran.kind === 'done' ? ran.result.deliveries : 0;
}

/**
 * Deliveries not yet picked up whose driver has been unreachable for too long: to be dispatched anew without that
 * driver. Not those that a person gave them: who set their silence aside has spoken to them.
 */
export function listStranded(db: Db): Promise<readonly { id: string; shop_id: string; driver_id: string }[]> {
  return db.run(
    `SELECT id, shop_id, driver_id FROM dispatch.delivery WHERE dropoff_rank IS NOT NULL AND status = 'ASSIGNED' AND NOT pinned
      AND unreachable_since < now() - $1::int * interval '1 s' ORDER BY id LIMIT 100`,
    [REDISPATCH_AFTER_S],
  );
}
