import { DependencyAway } from '../../domain/away.ts';
import type { CommandResult, Requester } from '../../domain/command.ts';
import { DELIVERY_STATUSES } from '../../domain/delivery.ts';
import type { OfferOver } from '../../domain/offer.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow, OfferRow } from '../schema.ts';
import { sqlList } from '../sql-list.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import { runCommand } from './run-command.ts';

export type AcceptResult =
  | { outcome: 'accepted'; offer: OfferRow; deliveries: readonly DeliveryRow[] }
  | { outcome: 'over'; why: OfferOver; offer: OfferRow }
  /** The driver's stops changed while the statement waited for them: ask again. */
  | { outcome: 'moved_on' }
  | { outcome: 'not_found' };

export type DeclineResult =
  | { outcome: 'declined'; offer: OfferRow }
  | { outcome: 'over'; why: OfferOver | 'accepted'; offer: OfferRow }
  | { outcome: 'not_found' };

interface Which {
  shop_id: string;
  offer_id: string;
  /** Who says it; null: the shop, for whoever was asked. */
  driver_id: string | null;
}

/**
 * The deliveries, then the driver, then the offer, locked. An offer is good while all its deliveries are offered since it
 * was made. `now()` is when the statement began, so who answers in time does not lose by waiting for a lock.
 */
const FOUND = `asked_for AS MATERIALIZED (SELECT o.id, o.driver_id, o.delivery_ids FROM fresh f JOIN dispatch.offer o
    ON o.id = f.offer_id AND o.shop_id = f.shop_id AND (f.driver_id IS NULL OR o.driver_id = f.driver_id)),
delivery_now AS MATERIALIZED (SELECT x.id, x AS d FROM dispatch.delivery x
  WHERE x.id = ANY (ARRAY(SELECT unnest(delivery_ids) FROM asked_for)) ORDER BY x.id FOR NO KEY UPDATE OF x),
locked AS MATERIALIZED (SELECT w.id, w AS r FROM dispatch.driver w WHERE w.id = ANY (ARRAY(SELECT driver_id FROM asked_for))
  AND (SELECT count(*) FROM delivery_now) >= 0 FOR NO KEY UPDATE OF w),
found AS MATERIALIZED (SELECT f.n, o FROM fresh f, dispatch.offer o WHERE o.id = ANY (ARRAY(SELECT id FROM asked_for))
  AND (SELECT count(*) FROM locked) >= 0 FOR NO KEY UPDATE OF o),
judged AS MATERIALIZED (SELECT found.n, found.o, k.r, c.size, c.fits, c.last_at, CASE
    WHEN (found.o).state <> 'open' THEN CASE WHEN (found.o).reason = 'taken' THEN 'taken' ELSE (found.o).state END
    WHEN c.statuses && array['CANCELLED'] THEN 'cancelled'
    WHEN c.statuses && array[${sqlList(DELIVERY_STATUSES.filter((status) => status !== 'PENDING' && status !== 'CANCELLED'))}] THEN 'taken'
    WHEN (found.o).expires_at <= now() THEN 'expired'
    WHEN NOT c.good THEN 'withdrawn' END AS why
  FROM found LEFT JOIN locked k ON true CROSS JOIN LATERAL (SELECT array_agg((x.d).status) AS statuses, sum((x.d).size)::int AS size,
    bool_and((k.r).tags @> (x.d).requires AND (k.r).id <> ALL ((x.d).excluded_driver_ids)) AS fits, max((x.d).planned_dropoff_at) AS last_at,
    count(*) = cardinality((found.o).delivery_ids)
      AND bool_and((x.d).dispatch = 'offered' AND (x.d).offered_at = (found.o).created_at) AS good FROM delivery_now x) c)`;

/** The offer's row as it becomes, since what a CTE writes cannot be read again. */
const ended = (state: string, reason: string) => `json_populate_record(j.o, json_build_object('state', '${state}',
  'reason', ${reason}, 'ended_at', now()))`;

const FREED = `CASE WHEN (j.o).exclusive THEN (j.r).reserved - (j.o).size ELSE (j.r).reserved END`;

const ASSIGNED = deliveryWith('x.d', {
  status: `'ASSIGNED'`,
  dispatch: `'settled'`,
  driver_id: '(t.r).id',
  exclusive: '(t.r).capacity = 1',
  version: '(x.d).version + 1',
  assigned_at: 'now()',
  next_dispatch_at: 'NULL',
  offered_at: 'NULL',
  unreachable_since: 'NULL',
  pinned: 'false',
  pickup_rank: 't.last + 2 * x.place - 1',
  dropoff_rank: 't.last + 2 * x.place',
  announced_at: '(x.d).planned_dropoff_at',
});

/**
 * An answer that is kept under its key makes a copy of the request that came at the same moment start again and find it.
 *
 * The driver takes the whole trip: its stops come last, and the plan that follows puts them where they fit best. Others
 * who were asked about the same deliveries are told that they are taken.
 */
const ACCEPT = command('shop_id uuid, offer_id uuid, driver_id uuid', {
  steps: `${FOUND},
stops AS (SELECT w.id, w.version, coalesce(max(x.dropoff_rank), 0) AS last FROM asked_for a JOIN dispatch.driver w ON w.id = a.driver_id
  LEFT JOIN dispatch.delivery x ON x.driver_id = w.id AND x.dropoff_rank IS NOT NULL GROUP BY w.id),
ready AS MATERIALIZED (SELECT j.n, j.o, j.r, j.size, s.last, (j.r).version = s.version AS as_seen, CASE
    WHEN j.why IS NOT NULL THEN j.why
    WHEN NOT (j.r).active OR (j.r).duty <> 'AVAILABLE' OR (j.r).shift_ends_at <= now() OR (j.r).shift_ends_at < j.last_at THEN 'off_duty'
    WHEN NOT j.fits THEN 'withdrawn'
    WHEN (j.r).load + j.size + ${FREED} > (j.r).capacity THEN 'full' END AS why
  FROM judged j LEFT JOIN stops s ON s.id = (j.r).id),
taken AS MATERIALIZED (SELECT j.n, j.o, j.r, j.size, j.last, ${ended('accepted', 'NULL::text')} AS after FROM ready j WHERE j.why IS NULL AND j.as_seen),
assigned AS MATERIALIZED (SELECT t.n, ${ASSIGNED} AS d FROM taken t,
  (SELECT d, row_number() OVER (ORDER BY id) AS place FROM delivery_now) x),
stop_after AS (SELECT (x).id, t.kind, t.rank FROM (SELECT x FROM taken j JOIN dispatch.delivery x ON x.driver_id = (j.r).id
    AND x.dropoff_rank IS NOT NULL UNION ALL SELECT a.d FROM assigned a) held(x) CROSS JOIN LATERAL (VALUES ('pickup', (x).pickup_rank),
    (CASE WHEN (x).status = 'FAILED' THEN 'return' ELSE 'dropoff' END, (x).dropoff_rank)) t(kind, rank) WHERE t.rank IS NOT NULL),
put_offer AS (UPDATE dispatch.offer o SET state = 'accepted', ended_at = now() FROM taken t WHERE o.id = (t.o).id),
put_others AS (UPDATE dispatch.offer o SET state = 'withdrawn', reason = 'taken', ended_at = now() FROM taken t
  WHERE o.state = 'open' AND NOT o.exclusive AND o.delivery_ids && (t.o).delivery_ids AND o.id <> (t.o).id)`,
  deliveries: 'SELECT n, d FROM assigned',
  drivers: `SELECT j.n, ${driverWith('j.r', { load: '(j.r).load + j.size', reserved: FREED, fixed_rank: 'least((j.r).fixed_rank, j.last)' })} AS r,
    CASE WHEN cardinality((j.o).delivery_ids) = 1 THEN 'ASSIGNED' ELSE 'PLANNED' END AS type,
    CASE WHEN cardinality((j.o).delivery_ids) = 1 THEN (j.o).delivery_ids[1] END AS delivery_id,
    CASE WHEN cardinality((j.o).delivery_ids) > 1 THEN (SELECT json_agg(json_build_array(s.id, s.kind) ORDER BY s.rank) FROM stop_after s) END AS route
  FROM taken j`,
  events: [
    event({
      from: 'assigned a JOIN taken t ON t.n = a.n',
      n: 'a.n',
      d: 'a.d',
      type: `'ASSIGNED'`,
      driver_version: '(t.r).version + 1',
      data: `json_build_object('offerId', (t.o).id, 'wave', (t.o).wave)`,
    }),
  ],
  answer: `SELECT f.n, CASE
    WHEN (t.o).id IS NOT NULL THEN json_build_object('outcome', 'accepted', 'offer', row_to_json(t.after),
      'deliveries', (SELECT json_agg(row_to_json(a.d) ORDER BY (a.d).id) FROM assigned a))
    WHEN (j.o).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN j.why = 'accepted' THEN json_build_object('outcome', 'accepted', 'offer', row_to_json(j.o),
      'deliveries', (SELECT json_agg(row_to_json(x.d) ORDER BY x.id) FROM delivery_now x))
    WHEN j.why IS NOT NULL THEN json_build_object('outcome', 'over', 'why', j.why, 'offer', row_to_json(j.o))
    ELSE json_build_object('outcome', 'moved_on') END AS result, (t.o).id IS NOT NULL OR coalesce(j.why = 'accepted', false) AS keep
  FROM fresh f LEFT JOIN ready j ON j.n = f.n LEFT JOIN taken t ON t.n = f.n`,
});

const ASKED_ON = deliveryWith('x.d', {
  version: '(x.d).version + 1',
  next_dispatch_at: 'CASE WHEN t.is_last THEN now() ELSE (x.d).next_dispatch_at END',
});

/** Nothing is held against who declines. Whether somebody else still thinks about it decides if the engine is due. */
const DECLINE = command('shop_id uuid, offer_id uuid, driver_id uuid, reason text', {
  steps: `${FOUND},
taken AS MATERIALIZED (SELECT j.n, j.o, j.r, ${ended('declined', 'f.reason')} AS after, NOT EXISTS (
    SELECT 1 FROM dispatch.offer p WHERE p.state = 'open' AND p.delivery_ids && (j.o).delivery_ids AND p.id <> (j.o).id
      AND p.expires_at > now()) AS is_last
  FROM judged j JOIN fresh f ON f.n = j.n WHERE j.why IS NULL),
asked_on AS MATERIALIZED (SELECT t.n, (t.o).driver_id AS driver, (t.after).reason AS reason, (t.o).wave AS wave, ${ASKED_ON} AS d FROM taken t, delivery_now x),
put_offer AS (UPDATE dispatch.offer o SET state = 'declined', reason = (t.after).reason, ended_at = now() FROM taken t WHERE o.id = (t.o).id)`,
  deliveries: 'SELECT n, d FROM asked_on',
  drivers: `SELECT j.n, ${driverWith('j.r', { reserved: FREED })} AS r, 'OFFER_ENDED' AS type, NULL::uuid AS delivery_id,
    NULL::json AS route FROM taken j WHERE (j.o).exclusive`,
  events: [
    event({
      from: 'asked_on',
      d: 'd',
      type: `'OFFER_DECLINED'`,
      data: `json_build_object('driverId', driver, 'reason', reason, 'wave', wave)`,
    }),
  ],
  answer: `SELECT f.n, CASE
    WHEN (t.o).id IS NOT NULL THEN json_build_object('outcome', 'declined', 'offer', row_to_json(t.after))
    WHEN (j.o).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN j.why = 'declined' THEN json_build_object('outcome', 'declined', 'offer', row_to_json(j.o))
    ELSE json_build_object('outcome', 'over', 'why', j.why, 'offer', row_to_json(j.o)) END AS result,
    (t.o).id IS NOT NULL OR coalesce(j.why = 'declined', false) AS keep
  FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN taken t ON t.n = f.n`,
});

const SNAPSHOTS = 5;

/**
 * A driver says yes. Judged by Postgres' clock, in the statement that assigns: first come, first served, and never after
 * its time. The same yes again is answered as the first one was.
 */
export async function commitAcceptance(
  db: Db,
  who: Requester,
  which: Which,
): Promise<CommandResult<Exclude<AcceptResult, { outcome: 'moved_on' }>>> {
  for (let snapshot = 1; ; snapshot += 1) {
    const ran = await runCommand<AcceptResult>(db, ACCEPT, who, { ...which });
    if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
    const { result } = ran;
    if (result.outcome !== 'moved_on') return { ...ran, result };
    if (snapshot === SNAPSHOTS)
      throw new DependencyAway('postgres', new Error(`the driver's stops changed ${SNAPSHOTS} times meanwhile`));
  }
}

/** A driver says no. @param which.reason `too_far`, `no_time`, `bad_area`, `other` */
export function commitDecline(
  db: Db,
  who: Requester,
  which: Which & { reason: string },
): Promise<CommandResult<DeclineResult>> {
  return runCommand<DeclineResult>(db, DECLINE, who, { ...which });
}
