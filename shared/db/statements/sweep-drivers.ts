import { OFFLINE_AFTER_S, REDISPATCH_AFTER_S } from '../../domain/driver.ts';
import type { Db } from '../open-db.ts';
import { command, NO_DRIVERS, NO_EVENTS, type ProjectedDriver, runCommand } from './command.ts';

const RELAY = { actor: 'relay', idempotency: null };

/** Silent and empty-handed: OFFLINE in Postgres too. A driver never heard from counts from when he came on duty. */
const SET_SILENT_OFFLINE = command(
  'silent_s int',
  `gone AS (SELECT d.id FROM p, go, dispatch.driver d LEFT JOIN dispatch.driver_location l ON l.driver_id = d.id
  WHERE d.duty <> 'OFFLINE' AND d.load = 0 AND coalesce(l.seen_at, d.idle_since) < now() - p.silent_s * interval '1 s'
  ORDER BY d.id LIMIT 500 FOR UPDATE OF d SKIP LOCKED),
upd AS (UPDATE dispatch.driver d SET duty = 'OFFLINE', version = d.version + 1 FROM gone WHERE d.id = gone.id RETURNING d AS r),
drv AS (SELECT upd.r, 'SILENT' AS type, NULL::uuid AS delivery_id FROM upd),
${NO_EVENTS},
out AS (SELECT json_build_object('drivers', (SELECT count(*) FROM upd)) AS result, false AS keep)`,
);

/** Sets silent drivers OFFLINE, 500 at a time. @returns those changed, to be projected */
export async function sweepSilentDrivers(db: Db): Promise<readonly ProjectedDriver[]> {
  const ran = await runCommand<{ drivers: number }>(db, SET_SILENT_OFFLINE, RELAY, { silent_s: OFFLINE_AFTER_S });
  return ran.kind === 'done' ? ran.drivers : [];
}

/** Silent with a delivery in hand: he stays BUSY, the delivery is marked; heard from again: the mark goes. */
const MARK_UNREACHABLE = command(
  'silent_s int',
  `seen AS (SELECT x.id, l.seen_at < now() - p.silent_s * interval '1 s' AS silent
  FROM p, go, dispatch.delivery x JOIN dispatch.driver_location l ON l.driver_id = x.driver_id
  WHERE x.status IN ('ASSIGNED','PICKED_UP','IN_TRANSIT')
    AND (l.seen_at < now() - p.silent_s * interval '1 s') <> (x.unreachable_since IS NOT NULL)
  ORDER BY x.id LIMIT 500 FOR UPDATE OF x SKIP LOCKED),
back AS (UPDATE dispatch.delivery x SET unreachable_since = NULL FROM seen WHERE x.id = seen.id AND NOT seen.silent),
upd AS (UPDATE dispatch.delivery x SET unreachable_since = now(), version = x.version + 1, updated_at = now()
  FROM seen WHERE x.id = seen.id AND seen.silent RETURNING x AS d),
${NO_DRIVERS},
chg AS (SELECT upd.d, (upd.d).version AS seq, 'DRIVER_UNREACHABLE' AS type, (upd.d).status AS status,
    NULL::timestamptz AS occurred_at, (upd.d).driver_id AS driver_id, NULL::bigint AS driver_version,
    NULL::float8 AS lat, NULL::float8 AS lon, NULL::json AS data FROM upd),
out AS (SELECT json_build_object('deliveries', (SELECT count(*) FROM upd)) AS result, false AS keep)`,
);

/** Marks deliveries whose driver went silent, and clears the mark of those whose driver is back. @returns newly marked */
export async function markUnreachable(db: Db): Promise<number> {
  const ran = await runCommand<{ deliveries: number }>(db, MARK_UNREACHABLE, RELAY, { silent_s: OFFLINE_AFTER_S });
  return ran.kind === 'done' ? ran.result.deliveries : 0;
}

/** Deliveries not yet picked up whose driver has been unreachable for too long: to be dispatched anew without him. */
export function listStranded(db: Db): Promise<readonly { id: string; shop_id: string }[]> {
  return db.run(
    `SELECT id, shop_id FROM dispatch.delivery WHERE status = 'ASSIGNED'
      AND unreachable_since < now() - $1::int * interval '1 s' ORDER BY id LIMIT 100`,
    [REDISPATCH_AFTER_S],
  );
}
