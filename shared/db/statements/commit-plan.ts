import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import type { DecisionInput } from './create-delivery.ts';
import { HEARD } from './eligible.ts';
import { movedBy } from './planned-times.ts';
import { runCommand } from './run-command.ts';

/** A driver's row of a plan: it wins or loses whole, and with its group. */
export interface PlanRow {
  driver: string;
  /** The version that the plan was made for. */
  version: number;
  /** Drivers between whom a delivery moves are one group. */
  grp: number;
  /** Stops at the beginning of the route whose order a person has fixed. */
  fixed_rank: number;
  /** Something is given, taken or put elsewhere; false: only planned times move, and the driver's version stays. */
  changes: boolean;
  /** All stops in order, for the driver's event. */
  route: readonly (readonly [string, string])[];
}

/** What a row says of one delivery. Everything that the driver holds is named by it. */
export interface PlanPart {
  driver: string;
  delivery: string;
  role: 'new' | 'kept' | 'taken';
  /** For `new`: the delivery's version that the plan was made for. */
  version: number | null;
  pickup_rank: number | null;
  dropoff_rank: number | null;
  pickup_at: string | null;
  dropoff_at: string | null;
  /** For `new`: what the ASSIGNED event keeps of the choice. */
  data: Record<string, unknown> | null;
}

/** A waiting delivery that nobody is told of now. */
export interface PlanHold {
  delivery: string;
  version: number;
  /** `searching`: nobody can take it now. */
  state: 'held' | 'scheduled' | 'searching';
  /** Why it waits. */
  reason: string | null;
  /** Until when it is held; null while searching. */
  until: string | null;
  /** When the engine has to look again. */
  next_at: string;
  pickup_at: string | null;
  dropoff_at: string | null;
}

export interface PlanDecision extends DecisionInput {
  delivery: string;
  outcome: 'assigned' | 'held' | 'unplanned';
  driver: string | null;
}

export interface PlanInput {
  shop_id: string;
  rows: readonly PlanRow[];
  parts: readonly PlanPart[];
  holds: readonly PlanHold[];
  decisions: readonly PlanDecision[];
  /** The shop hears of an arrival that moves by more than this. */
  eta_change_s: number;
}

/** Why a row lost. */
export type LostBecause = 'driver' | 'version' | 'delivery' | 'stops' | 'capacity' | 'shift' | 'group';
export interface PlanResult {
  rows: readonly { driver: string; won: boolean; why: LostBecause | null }[];
  /** Deliveries that were held, scheduled, or marked as searched for in vain. */
  held: number;
}

const ASSIGNED = deliveryWith('o.d', {
  status: `'ASSIGNED'`,
  dispatch: `'settled'`,
  driver_id: 'o.driver',
  exclusive: 'o.alone',
  version: '(o.d).version + 1 + o.given::int',
  attempt: '(o.d).attempt + o.given::int',
  assigned_at: 'now()',
  next_dispatch_at: 'NULL',
  held_until: 'NULL',
  held_reason: 'NULL',
  unreachable_since: 'NULL',
  pickup_rank: 'o.pickup_rank',
  dropoff_rank: 'o.dropoff_rank',
  planned_pickup_at: 'o.pickup_at',
  planned_dropoff_at: 'o.dropoff_at',
  announced_at: 'o.dropoff_at',
});
const TAKEN_BACK = deliveryWith('o.d', {
  status: `'PENDING'`,
  dispatch: `'searching'`,
  driver_id: 'NULL',
  exclusive: 'false',
  version: '(o.d).version + 1',
  attempt: '(o.d).attempt + 1',
  waiting_since: 'now()',
  due_at: 'now()',
  dispatch_attempts: '0',
  next_dispatch_at: 'now()',
  unreachable_since: 'NULL',
  pickup_rank: 'NULL',
  dropoff_rank: 'NULL',
  planned_pickup_at: 'NULL',
  planned_dropoff_at: 'NULL',
  announced_at: 'NULL',
});
const KEPT = deliveryWith('o.d', {
  version: '(o.d).version + (o.eta_moved OR o.pickup_moved OR o.dropoff_moved)::int',
  pickup_rank: 'CASE WHEN (o.d).pickup_rank IS NOT NULL THEN o.pickup_rank END',
  dropoff_rank: 'o.dropoff_rank',
  planned_pickup_at: 'CASE WHEN o.pickup_moved THEN o.pickup_at ELSE (o.d).planned_pickup_at END',
  planned_dropoff_at: 'CASE WHEN o.dropoff_moved THEN o.dropoff_at ELSE (o.d).planned_dropoff_at END',
  announced_at: 'CASE WHEN o.eta_moved OR (o.d).announced_at IS NULL THEN o.dropoff_at ELSE (o.d).announced_at END',
});
const HELD = deliveryWith('s.d', {
  dispatch: 's.becomes',
  version: '(s.d).version + s.is_news::int',
  due_at: `CASE WHEN (s.d).dispatch = 'scheduled' AND s.becomes <> 'scheduled' THEN now() ELSE (s.d).due_at END`,
  dispatch_attempts: `(s.d).dispatch_attempts + (s.state = 'searching')::int`,
  next_dispatch_at: `CASE WHEN s.becomes <> 'exhausted' THEN s.next_at END`,
  held_until: `CASE WHEN s.is_news THEN s.shown_until ELSE (s.d).held_until END`,
  held_reason: 's.reason',
  planned_pickup_at: 'CASE WHEN s.is_news THEN s.pickup_at ELSE (s.d).planned_pickup_at END',
  planned_dropoff_at: 'CASE WHEN s.is_news THEN s.dropoff_at ELSE (s.d).planned_dropoff_at END',
});

/**
 * A plan for many drivers, carried out row by row: each row whole or not at all.
 *
 *   row_asked, part, hold     the plan
 *   delivery_now, locked      every delivery that is named, by id; then every driver, by id: the newest there is
 *   named ─ summed ─ judged   does each part fit; what does the driver hold of what is named; the first thing wrong
 *   verdict ─ outcome         groups stand or fall whole
 *
 * What cannot be locked by name (does the driver hold something that the row leaves out?) follows from a sum: the sizes
 * of what is named as theirs must be the locked driver's load. A pickup that was made meanwhile is dropped from the row;
 * anything else that moved on loses it.
 */
const COMMIT_PLAN = command('shop_id uuid, rows json, parts json, holds json, decisions json, eta_change_s int', {
  steps: `row_asked AS MATERIALIZED (SELECT f.n, f.shop_id, t.* FROM fresh f, json_to_recordset(f.rows)
    AS t(driver uuid, version bigint, grp int, fixed_rank int, changes boolean, route json)),
part AS MATERIALIZED (SELECT a.grp, t.* FROM fresh f, json_to_recordset(f.parts) AS t(driver uuid, delivery uuid, role text,
    version int, pickup_rank int, dropoff_rank int, pickup_at timestamptz, dropoff_at timestamptz, data json)
  JOIN row_asked a ON a.driver = t.driver),
hold AS MATERIALIZED (SELECT t.* FROM fresh f, json_to_recordset(f.holds) AS t(delivery uuid, version int, state text,
    reason text, until timestamptz, next_at timestamptz, pickup_at timestamptz, dropoff_at timestamptz)),
delivery_now AS MATERIALIZED (SELECT x.id, x AS d FROM dispatch.delivery x
  WHERE x.id = ANY (ARRAY(SELECT delivery FROM part UNION SELECT delivery FROM hold)) ORDER BY x.id FOR NO KEY UPDATE OF x),
locked AS MATERIALIZED (SELECT w.id, w AS r FROM dispatch.driver w WHERE w.id = ANY (ARRAY(SELECT driver FROM row_asked))
  AND (SELECT count(*) FROM delivery_now) >= 0 ORDER BY w.id FOR NO KEY UPDATE OF w),
named AS MATERIALIZED (SELECT p.*, x.d, g.driver IS NOT NULL AS given, coalesce(CASE p.role
      WHEN 'new' THEN p.version = (x.d).version AND p.driver <> ALL ((x.d).excluded_driver_ids)
        AND ((x.d).dispatch IN ('searching','held','scheduled','exhausted') OR ((x.d).status = 'ASSIGNED' AND g.driver IS NOT NULL))
      WHEN 'kept' THEN p.driver = (x.d).driver_id AND (x.d).dropoff_rank IS NOT NULL
        AND (p.pickup_rank IS NOT NULL OR (x.d).pickup_rank IS NULL)
      WHEN 'taken' THEN p.driver = (x.d).driver_id AND (x.d).status = 'ASSIGNED' AND NOT (x.d).pinned END, false) AS fits
  FROM part p LEFT JOIN delivery_now x ON x.id = p.delivery
  LEFT JOIN part g ON p.role = 'new' AND g.role = 'taken' AND g.delivery = p.delivery AND g.driver = (x.d).driver_id AND g.grp = p.grp),
summed AS MATERIALIZED (SELECT driver, bool_and(fits) AS fits, bool_or(role = 'new') AS gets,
    coalesce(sum((d).size) FILTER (WHERE role <> 'new'), 0) AS held, coalesce(sum((d).size) FILTER (WHERE role <> 'taken'), 0) AS load,
    max(dropoff_at) FILTER (WHERE role = 'new') AS last_at FROM named GROUP BY driver),
judged AS MATERIALIZED (SELECT a.*, k.r, coalesce(s.load, 0)::int AS load, CASE
      WHEN (k.r).id IS NULL OR (k.r).shop_id <> a.shop_id OR NOT (k.r).active THEN 'driver'
      WHEN (k.r).version <> a.version THEN 'version'
      WHEN s.gets AND ((k.r).duty <> 'AVAILABLE' OR NOT coalesce(${HEARD}, false)) THEN 'driver'
      WHEN NOT s.fits THEN 'delivery'
      WHEN coalesce(s.held, 0) <> (k.r).load THEN 'stops'
      WHEN s.load + (k.r).reserved > (k.r).capacity THEN 'capacity'
      WHEN s.gets AND ((k.r).shift_ends_at < s.last_at OR (k.r).shift_ends_at <= now()) THEN 'shift' END AS why
  FROM row_asked a LEFT JOIN locked k ON k.id = a.driver LEFT JOIN summed s ON s.driver = a.driver
  LEFT JOIN LATERAL (SELECT seen_at FROM dispatch.driver_location WHERE driver_id = a.driver LIMIT 1) l ON true),
verdict AS MATERIALIZED (SELECT *, bool_and(why IS NULL) OVER (PARTITION BY grp) AS won FROM judged),
outcome AS MATERIALIZED (SELECT v.n, m.*, (v.r).version + v.changes::int AS driver_version,
    (v.r).capacity = 1 AND NOT bool_or(m.role = 'taken') OVER (PARTITION BY m.driver) AS alone,
    ${movedBy('m.pickup_at', '(m.d).planned_pickup_at')} AS pickup_moved,
    ${movedBy('m.dropoff_at', '(m.d).planned_dropoff_at')} AS dropoff_moved,
    coalesce(abs(extract(epoch FROM m.dropoff_at - (m.d).announced_at)) > f.eta_change_s, false)
      AND (m.d).status <> 'FAILED' AS eta_moved
  FROM named m JOIN verdict v ON v.driver = m.driver AND v.won JOIN fresh f ON f.n = v.n),
given AS MATERIALIZED (SELECT o.n, o.driver, o.driver_version, o.given, o.data, (o.d).driver_id AS giver, ${ASSIGNED} AS d
  FROM outcome o WHERE o.role = 'new'),
kept AS MATERIALIZED (SELECT o.n, o.eta_moved, o.pickup_moved OR o.dropoff_moved AS is_moved, (o.d).announced_at AS announced_at, ${KEPT} AS d FROM outcome o WHERE o.role = 'kept'
  AND (o.eta_moved OR o.dropoff_moved OR o.pickup_moved OR (o.d).dropoff_rank <> o.dropoff_rank OR (o.d).pickup_rank <> o.pickup_rank)),
back AS MATERIALIZED (SELECT o.n, o.driver, o.driver_version, ${TAKEN_BACK} AS d FROM outcome o WHERE o.role = 'taken'
  AND NOT EXISTS (SELECT 1 FROM given g WHERE (g.d).id = o.delivery)),
shown AS MATERIALIZED (SELECT f.n, h.state, u.shown_until, h.reason, h.next_at, h.pickup_at, h.dropoff_at, x.d, b.becomes,
    i.is_other, i.is_other OR ${movedBy('u.shown_until', '(x.d).held_until')} OR ${movedBy('h.pickup_at', '(x.d).planned_pickup_at')}
      OR ${movedBy('h.dropoff_at', '(x.d).planned_dropoff_at')} AS is_news
  FROM fresh f, hold h JOIN delivery_now x ON x.id = h.delivery
  CROSS JOIN LATERAL (SELECT CASE WHEN h.state = 'searching' AND (x.d).dispatch = 'exhausted' THEN 'exhausted' ELSE h.state END AS becomes) b
  CROSS JOIN LATERAL (SELECT CASE WHEN b.becomes IN ('held','scheduled') THEN h.until END AS shown_until) u
  CROSS JOIN LATERAL (SELECT ((x.d).dispatch, (x.d).held_reason) IS DISTINCT FROM (b.becomes, h.reason) AS is_other) i
  WHERE (x.d).version = h.version AND (x.d).dispatch IN ('searching','held','scheduled','exhausted')
    AND NOT (b.becomes = 'exhausted')),
held AS MATERIALIZED (SELECT s.n, s.is_news, s.is_other, s.state, s.reason, ${HELD} AS d FROM shown s)`,
  deliveries: `SELECT n, d FROM given UNION ALL SELECT n, d FROM kept UNION ALL SELECT n, d FROM back
  UNION ALL SELECT n, d FROM held`,
  drivers: `SELECT v.n, ${driverWith('v.r', {
    load: 'v.load',
    fixed_rank: 'v.fixed_rank',
    idle_since: 'CASE WHEN v.load = 0 AND (v.r).load > 0 THEN now() ELSE (v.r).idle_since END',
  })} AS r, CASE WHEN EXISTS (SELECT 1 FROM part p WHERE p.driver = v.driver AND p.role <> 'kept') THEN 'PLANNED' ELSE 'ROUTE' END AS type,
    NULL::uuid AS delivery_id, v.route FROM verdict v WHERE v.won AND v.changes`,
  events: [
    event({
      from: `(SELECT g.n, g.d, g.giver AS driver, v.driver_version, (g.d).version - 1 AS seq FROM given g
      JOIN outcome v ON v.delivery = (g.d).id AND v.role = 'taken' WHERE g.given
      UNION ALL SELECT n, d, driver, driver_version, (d).version FROM back) u`,
      d: 'd',
      seq: 'seq',
      type: `'UNASSIGNED'`,
      status: `'PENDING'`,
      driver_id: 'driver',
      driver_version: 'driver_version',
    }),
    event({ from: 'given', d: 'd', type: `'ASSIGNED'`, driver_version: 'driver_version', data: 'data' }),
    event({
      from: 'kept WHERE eta_moved OR is_moved',
      d: 'd',
      type: `CASE WHEN eta_moved THEN 'ETA_CHANGED' ELSE 'PLANNED' END`,
      data: `CASE WHEN eta_moved THEN json_build_object('from', announced_at, 'to', (d).planned_dropoff_at) END`,
    }),
    event({
      from: 'held WHERE is_news',
      d: 'd',
      type: `CASE WHEN NOT is_other THEN 'PLANNED' WHEN state = 'searching' THEN 'SEARCHING' ELSE 'HELD' END`,
      data: `CASE WHEN is_other THEN json_build_object('state', state, 'reason', reason, 'until', (d).held_until) END`,
    }),
  ],
  decisions: `SELECT c.delivery, f.shop_id, c.plan_id, c.outcome, c.driver, c.reason, c.policy, c.cost_s, c.data
  FROM fresh f, json_to_recordset(f.decisions) AS c(delivery uuid, plan_id uuid, outcome text, driver uuid, reason text,
    policy text, cost_s int, data json)
  WHERE CASE WHEN c.outcome = 'assigned' THEN EXISTS (SELECT 1 FROM given g WHERE (g.d).id = c.delivery AND g.driver = c.driver)
    ELSE c.delivery IN (SELECT (d).id FROM held) END`,
  answer: `SELECT f.n, json_build_object('rows', (SELECT coalesce(json_agg(json_build_object('driver', driver, 'won', won,
      'why', CASE WHEN NOT won THEN coalesce(why, 'group') END)), '[]') FROM verdict),
    'held', (SELECT count(*) FROM held)) AS result, false AS keep FROM fresh f`,
});

/** Carries out a plan, or part of one: whole groups. @returns for each row whether it won, and why not */
export function commitPlan(db: Db, who: Requester, input: PlanInput): Promise<CommandResult<PlanResult>> {
  return runCommand<PlanResult>(db, COMMIT_PLAN, who, { ...input });
}
