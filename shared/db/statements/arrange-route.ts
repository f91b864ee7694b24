import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import { movedBy } from './planned-times.ts';
import type { RouteRows } from './read-route.ts';
import { runCommand } from './run-command.ts';

/** A stop of the order asked for; its rank is its place in the list. */
export interface ArrangedStop {
  delivery: string;
  kind: 'pickup' | 'dropoff' | 'return';
  /** When it is planned to be made, in this order; null: what was planned stays. */
  at: string | null;
}

export interface RouteInput {
  shop_id: string;
  driver_id: string;
  /** The driver's version that the order was made for. */
  version: number;
  /** So many stops at the beginning, of those still to be made, are fixed: no plan puts them elsewhere. */
  fixed_stops: number;
  stops: readonly ArrangedStop[];
}

export type ArrangeResult =
  | ({ outcome: 'arranged' } & RouteRows)
  /** The driver's stops are no longer those of `version`. */
  | { outcome: 'route_changed' }
  /** Not each stop of the driver once, or a dropoff before its pickup. */
  | { outcome: 'illegal' }
  | { outcome: 'not_found' };

const IS_MOVED = `(${movedBy('coalesce(p.pickup_at, (p.d).planned_pickup_at)', '(p.d).planned_pickup_at')}
    OR ${movedBy('coalesce(p.last_at, (p.d).planned_dropoff_at)', '(p.d).planned_dropoff_at')})`;

const ARRANGED = deliveryWith('p.d', {
  version: `(p.d).version + ${IS_MOVED}::int`,
  pickup_rank: 'CASE WHEN (p.d).pickup_rank IS NOT NULL THEN p.pickup_rank END',
  dropoff_rank: 'p.last_rank',
  planned_pickup_at: `CASE WHEN ${IS_MOVED} THEN coalesce(p.pickup_at, (p.d).planned_pickup_at) ELSE (p.d).planned_pickup_at END`,
  planned_dropoff_at: `CASE WHEN ${IS_MOVED} THEN coalesce(p.last_at, (p.d).planned_dropoff_at) ELSE (p.d).planned_dropoff_at END`,
});

/**
 * The same stops in another order, for the driver's version that the order was made for.
 *
 * Who held what at that version cannot have changed, but for a pickup that was made meanwhile, which raises no version:
 * it is dropped from the order. That no other delivery of the driver is left out follows from a sum, as in a plan: the
 * sizes of those named are the driver's load.
 */
const ARRANGE_ROUTE = command('shop_id uuid, driver_id uuid, version bigint, fixed_stops int, stops json', {
  steps: `stop AS MATERIALIZED (SELECT f.n, t.delivery, t.kind, t.at, t.rank FROM fresh f, ROWS FROM (
    json_to_recordset(f.stops) AS (delivery uuid, kind text, at timestamptz)) WITH ORDINALITY AS t(delivery, kind, at, rank)),
delivery_now AS MATERIALIZED (SELECT x.id, x AS d FROM fresh f JOIN dispatch.delivery x ON x.shop_id = f.shop_id
    AND x.driver_id = f.driver_id AND x.dropoff_rank IS NOT NULL AND x.id = ANY (ARRAY(SELECT delivery FROM stop))
  ORDER BY x.id FOR NO KEY UPDATE OF x),
found AS MATERIALIZED (SELECT f.n, w AS r, w.version = f.version AS as_seen FROM fresh f JOIN dispatch.driver w
    ON w.id = f.driver_id AND w.shop_id = f.shop_id AND (SELECT count(*) FROM delivery_now) >= 0 FOR NO KEY UPDATE OF w),
place AS MATERIALIZED (SELECT n, delivery, count(*) AS stops,
    min(rank) FILTER (WHERE kind = 'pickup')::int AS pickup_rank, min(at) FILTER (WHERE kind = 'pickup') AS pickup_at,
    min(rank) FILTER (WHERE kind <> 'pickup')::int AS last_rank, min(at) FILTER (WHERE kind <> 'pickup') AS last_at,
    min(kind) FILTER (WHERE kind <> 'pickup') AS last_kind
  FROM stop GROUP BY n, delivery),
placed AS MATERIALIZED (SELECT p.*, x.d, coalesce(x.id IS NOT NULL
    AND p.last_kind = CASE WHEN (x.d).status = 'FAILED' THEN 'return' ELSE 'dropoff' END
    AND p.stops = 1 + (p.pickup_rank IS NOT NULL)::int
    AND ((x.d).pickup_rank IS NULL OR p.pickup_rank < p.last_rank), false) AS fits
  FROM place p LEFT JOIN delivery_now x ON x.id = p.delivery),
judged AS MATERIALIZED (SELECT w.n, w.r, w.as_seen, coalesce((SELECT bool_and(p.fits) AND sum((p.d).size) = (w.r).load
    FROM placed p), false) AS legal FROM found w),
arranged AS MATERIALIZED (SELECT j.n, ${IS_MOVED} AS is_moved, ${ARRANGED} AS d FROM judged j JOIN placed p ON p.n = j.n WHERE j.as_seen AND j.legal),
left_over AS MATERIALIZED (SELECT s.n, s.delivery, s.kind, s.rank, row_number() OVER (PARTITION BY s.n ORDER BY s.rank) AS place
  FROM stop s JOIN arranged a ON a.n = s.n AND (a.d).id = s.delivery WHERE s.kind <> 'pickup' OR (a.d).pickup_rank IS NOT NULL)`,
  deliveries: 'SELECT n, d FROM arranged',
  events: [event({ from: 'arranged WHERE is_moved', d: 'd', type: `'PLANNED'` })],
  drivers: `SELECT j.n, ${driverWith('j.r', {
    fixed_rank: 'coalesce((SELECT max(l.rank) FROM left_over l WHERE l.n = j.n AND l.place <= f.fixed_stops), 0)',
  })} AS r, 'ROUTE' AS type, NULL::uuid AS delivery_id,
    (SELECT json_agg(json_build_array(l.delivery, l.kind) ORDER BY l.rank) FROM left_over l WHERE l.n = j.n) AS route
  FROM judged j JOIN fresh f ON f.n = j.n WHERE j.as_seen AND j.legal`,
  answer: `SELECT f.n, CASE WHEN (j.r).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN NOT j.as_seen THEN json_build_object('outcome', 'route_changed')
    WHEN NOT j.legal THEN json_build_object('outcome', 'illegal')
    ELSE json_build_object('outcome', 'arranged', 'driver', row_to_json(w.r),
      'deliveries', (SELECT json_agg(row_to_json(a.d) ORDER BY (a.d).id) FROM arranged a)) END AS result,
    coalesce(j.as_seen AND j.legal, false) AS keep
  FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN driver_now w ON w.n = f.n`,
});

/** Puts the stops that a driver has in another order. */
export function commitRoute(db: Db, who: Requester, input: RouteInput): Promise<CommandResult<ArrangeResult>> {
  return runCommand<ArrangeResult>(db, ARRANGE_ROUTE, who, { ...input });
}
