import type { CommandItem, CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, driverWith, event } from './command.ts';
import { eligible } from './eligible.ts';
import { runCommands } from './run-command.ts';

/** Why a plan decided as it did, to be kept with what it decided. */
export interface DecisionInput {
  plan_id: string;
  reason: string;
  policy: string;
  cost_s: number | null;
  data: Record<string, unknown>;
}

/** What a candidate is told: planned times, and what the ASSIGNED event keeps of the choice. */
export interface Told {
  pickup_at: string | null;
  dropoff_at: string | null;
  data: Record<string, unknown> | null;
}

export interface NewDelivery {
  shop_id: string;
  order_ref: string | null;
  channel_id: string | null;
  pickup_lat: number | null;
  pickup_lon: number | null;
  pickup: Record<string, unknown>;
  pickup_ready_at: string | null;
  pickup_after: string | null;
  pickup_before: string | null;
  pickup_service_s: number | null;
  dropoff_lat: number | null;
  dropoff_lon: number | null;
  dropoff: Record<string, unknown>;
  dropoff_after: string | null;
  dropoff_before: string | null;
  dropoff_service_s: number | null;
  size: number;
  requires: readonly string[];
  priority: number;
  hard_windows: boolean;
  excluded_driver_ids: readonly string[];
  notes: string | null;
  pincode: string | null;
  /** Null: as the shop asks. */
  proof_required: readonly string[] | null;
  /** Of the shop's message that brings it; null: a person or a program of the shop does. */
  message_digest: string | null;
  /** Best first; the first that can be locked and is still eligible gets it. */
  candidates: readonly string[];
  /** By candidate. */
  told: Readonly<Record<string, Told>> | null;
  /**
   * Only if nothing else of the shop is held or waits to be planned: else it is stored, and planned together with the
   * rest. What nobody could take a moment ago wants no driver of this order's.
   */
  if_calm: boolean;
  /** To a driver who has stops already it may come last. False: such a driver is left to the next plan. */
  append: boolean;
  /** Where nobody gets it: held or scheduled until then. Null: searched for. */
  hold: {
    state: 'held' | 'scheduled';
    until: string;
    reason: string;
    pickup_at: string | null;
    dropoff_at: string | null;
  } | null;
  /** Until the engine looks at it, where nobody gets it and it is not held. */
  retry_in_ms: number;
  decision: DecisionInput | null;
}

/** `lost`: another copy of the order is being stored; ask again. */
export type CreateResult = { outcome: 'created' | 'exists'; delivery: DeliveryRow } | { outcome: 'lost' };

const DETAILS = `order_ref, channel_id, pickup_lat, pickup_lon, pickup, pickup_ready_at, pickup_after, pickup_before,
    pickup_service_s, dropoff_lat, dropoff_lon, dropoff, dropoff_after, dropoff_before, dropoff_service_s, size, requires,
    priority, hard_windows, excluded_driver_ids, notes, pincode, proof_required, message_digest`;

/** Orders in one statement at most. */
export const MOST_ORDERS = 16;

/**
 * Ingest and assignment are one statement: one order, one commit; or several orders that came together. A second copy
 * of an order finds the first (`exists`), or, within one statement, is `lost`. That a message finds its order is not its result yet:
 * what it says may be new, and is asked for under the same key. No driver gets two orders from one
 * statement: of two orders that name one driver the first gets them.
 *
 * A candidate is locked before the insert, but with SKIP LOCKED: an insert may wait for another copy of the same
 * order, and that one waits for nobody, so there is no cycle; nor among inserts, which all go in order of order_ref.
 * A driver with stops in hand is appended to only if they are as the snapshot has them (`last`): their version says so;
 * and not where their shift ends, since nobody here knows when they would be done. Whether the shop is calm is asked with
 * LIMIT 1: of an EXISTS the planner makes a table of all that waits in all shops.
 */
export const CREATE_DELIVERIES = command(
  `shop_id uuid, order_ref text, channel_id text, pickup_lat float8, pickup_lon float8, pickup json,
   pickup_ready_at timestamptz, pickup_after timestamptz, pickup_before timestamptz, pickup_service_s int,
   dropoff_lat float8, dropoff_lon float8, dropoff json, dropoff_after timestamptz, dropoff_before timestamptz,
   dropoff_service_s int, size smallint, requires text[], priority smallint, hard_windows boolean,
   excluded_driver_ids uuid[], notes text, pincode text, proof_required text[], message_digest text, candidates uuid[], told json, if_calm boolean, append boolean,
   hold json, retry_in_ms int, decision json`,
  {
    steps: `existing AS (SELECT f.n, e.d FROM fresh f CROSS JOIN LATERAL (
    SELECT x AS d FROM dispatch.delivery x WHERE x.shop_id = f.shop_id AND x.order_ref = f.order_ref LIMIT 1) e),
asking AS MATERIALIZED (SELECT f.* FROM fresh f WHERE cardinality(f.candidates) > 0
  AND NOT EXISTS (SELECT 1 FROM existing e WHERE e.n = f.n)
  AND (NOT f.if_calm OR (SELECT true FROM dispatch.delivery w WHERE w.shop_id = f.shop_id AND w.dispatch IN ('searching','held')
    AND (w.dispatch = 'held' OR w.next_dispatch_at <= now()) LIMIT 1) IS NULL)),
locked AS MATERIALIZED (SELECT f.n, f.append, c.r FROM asking f CROSS JOIN LATERAL (
    SELECT d AS r FROM dispatch.driver d JOIN dispatch.driver_location l ON l.driver_id = d.id
    WHERE d.id = ANY(f.candidates) AND ${eligible}
    ORDER BY array_position(f.candidates, d.id) LIMIT 1 FOR NO KEY UPDATE OF d SKIP LOCKED) c),
first AS MATERIALIZED (SELECT DISTINCT ON ((r).id) n, r, append FROM locked ORDER BY (r).id, n),
pick AS MATERIALIZED (SELECT * FROM (SELECT k.n, k.r, CASE WHEN (k.r).load = 0 THEN 0 WHEN k.append AND (k.r).shift_ends_at IS NULL THEN (
      SELECT max(x.dropoff_rank) FROM dispatch.driver s JOIN dispatch.delivery x ON x.driver_id = s.id
      WHERE s.id = (k.r).id AND s.version = (k.r).version AND x.dropoff_rank IS NOT NULL) END AS last
    FROM first k) t WHERE last IS NOT NULL),
born AS MATERIALIZED (SELECT f.*, dispatch.uuid_v7() AS id, (k.r).id AS driver_id, (k.r).capacity, k.last,
    f.pickup_lat IS NOT NULL AND f.dropoff_lat IS NOT NULL AS located,
    t.pickup_at, t.dropoff_at, h.state, h.until, h.reason
  FROM fresh f LEFT JOIN pick k ON k.n = f.n
  LEFT JOIN LATERAL json_to_record(f.hold) AS h(state text, until timestamptz, reason text, pickup_at timestamptz,
    dropoff_at timestamptz) ON (k.r).id IS NULL
  LEFT JOIN LATERAL json_to_record(CASE WHEN (k.r).id IS NULL THEN f.hold ELSE f.told -> ((k.r).id::text) END)
    AS t(pickup_at timestamptz, dropoff_at timestamptz) ON true
  WHERE NOT EXISTS (SELECT 1 FROM existing e WHERE e.n = f.n)),
stored AS (INSERT INTO dispatch.delivery AS x (id, shop_id, ${DETAILS},
    status, dispatch, version, driver_id, exclusive, assigned_at, next_dispatch_at, held_until, held_reason,
    pickup_rank, dropoff_rank, planned_pickup_at, planned_dropoff_at, announced_at)
  SELECT b.id, b.shop_id, ${DETAILS},
    CASE WHEN b.driver_id IS NULL THEN 'PENDING' ELSE 'ASSIGNED' END,
    CASE WHEN b.driver_id IS NOT NULL THEN 'settled' WHEN NOT b.located THEN 'needs_location' ELSE coalesce(b.state, 'searching') END,
    CASE WHEN b.driver_id IS NULL AND b.state IS NULL THEN 1 ELSE 2 END,
    b.driver_id, coalesce(b.capacity = 1, false), CASE WHEN b.driver_id IS NOT NULL THEN now() END,
    CASE WHEN b.driver_id IS NULL AND b.located THEN coalesce(b.until, now() + b.retry_in_ms * interval '1 ms') END,
    b.until, b.reason, b.last + 1, b.last + 2, b.pickup_at, b.dropoff_at, b.dropoff_at
  FROM born b ORDER BY b.shop_id, b.order_ref
  ON CONFLICT (shop_id, order_ref) DO NOTHING RETURNING x AS d),
made AS MATERIALIZED (SELECT b.n, stored.d, b.state, k.r, k.last FROM stored JOIN born b ON b.id = (stored.d).id
  LEFT JOIN pick k ON k.n = b.n)`,
    drivers: `SELECT m.n, ${driverWith('m.r', {
      load: '(m.r).load + (m.d).size',
      // Ranks of stops that are gone are given anew: what a person fixed ends with the stops that are left.
      fixed_rank: 'least((m.r).fixed_rank, m.last)',
    })} AS r, 'ASSIGNED' AS type,
    (m.d).id AS delivery_id, NULL::json AS route FROM made m WHERE (m.r).id IS NOT NULL`,
    events: [
      event({ from: 'made', d: 'd', seq: '1', type: `'CREATED'`, status: `'PENDING'`, driver_id: 'NULL::uuid' }),
      event({
        from: 'made m JOIN fresh f ON f.n = m.n WHERE (m.r).id IS NOT NULL',
        n: 'm.n',
        d: 'm.d',
        type: `'ASSIGNED'`,
        driver_version: '(m.r).version + 1',
        data: `f.told -> ((m.r).id::text) -> 'data'`,
      }),
      event({
        from: 'made WHERE (r).id IS NULL AND state IS NOT NULL',
        d: 'd',
        type: `'HELD'`,
        data: `json_build_object('state', state, 'reason', (d).held_reason, 'until', (d).held_until)`,
      }),
    ],
    decisions: `SELECT (m.d).id, (m.d).shop_id, c.plan_id, CASE WHEN (m.r).id IS NULL THEN 'held' ELSE 'assigned' END, (m.r).id,
    CASE WHEN (m.r).id IS NULL OR (m.r).id = f.candidates[1] THEN c.reason ELSE 'next_best' END, c.policy, c.cost_s, c.data
  FROM made m JOIN fresh f ON f.n = m.n CROSS JOIN LATERAL json_to_record(f.decision)
    AS c(plan_id uuid, reason text, policy text, cost_s int, data json)
  WHERE c.plan_id IS NOT NULL AND ((m.r).id IS NOT NULL OR m.state IS NOT NULL)`,
    answer: `SELECT f.n, CASE WHEN t.d IS NULL THEN json_build_object('outcome', 'lost')
    ELSE json_build_object('outcome', t.outcome, 'delivery', t.d) END AS result, t.d IS NOT NULL AND (t.outcome = 'created' OR f.message_digest IS NULL) AS keep
  FROM fresh f LEFT JOIN (SELECT n, row_to_json(d) AS d, 'created' AS outcome FROM made
    UNION ALL SELECT n, row_to_json(d), 'exists' FROM existing) t ON t.n = f.n`,
  },
  MOST_ORDERS,
);

/** Stores an order as a delivery and, if one of `candidates` can be had, assigns them, in one commit. */
export async function createDelivery(db: Db, who: Requester, input: NewDelivery): Promise<CommandResult<CreateResult>> {
  const [ran] = await createDeliveries(db, [{ who, input }]);
  return ran as CommandResult<CreateResult>;
}

/** The same for several orders in one commit; answers in their order. No two of them may have the same key. */
export function createDeliveries(
  db: Db,
  orders: readonly CommandItem<NewDelivery>[],
): Promise<readonly CommandResult<CreateResult>[]> {
  const list = orders.map(({ who, input }) => ({ who, input: { ...input } }));
  return runCommands<CreateResult>(db, CREATE_DELIVERIES, list);
}
