import { ENDED_STATUSES } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import { sqlList } from '../sql-list.ts';

/*
 * Forgetting, a step at a time: each of these ends well within a statement's time, and answers how much it took. The
 * oldest go first, by an index of their own, so that a step costs the same however much is kept. They go by where they lie
 * (ctid): joined to a list, the planner would rather read the whole table.
 */

const DAY = `interval '1 day'`;
/** Rows of one kind, at most. */
const STEP = 1_000;

async function countOf(db: Db, text: string, parameters: readonly unknown[]): Promise<number> {
  const [row] = await db.run<{ n: number }>(text, parameters);
  return row?.n ?? 0;
}

/** Where drivers were last, and where events happened: only the places go. */
export function forgetPositions(db: Db, days: number): Promise<number> {
  return countOf(
    db,
    `WITH l AS (UPDATE dispatch.driver_location SET lat = NULL, lon = NULL, recorded_at = NULL WHERE driver_id = ANY (ARRAY(
       SELECT driver_id FROM dispatch.driver_location WHERE seen_at < now() - $1::int * ${DAY} AND lat IS NOT NULL
       ORDER BY seen_at LIMIT 500)) RETURNING 1),
     old AS (SELECT ctid FROM dispatch.delivery_event WHERE recorded_at < now() - $1::int * ${DAY}
       AND lat IS NOT NULL ORDER BY recorded_at LIMIT 500),
     e AS (UPDATE dispatch.delivery_event e SET lat = NULL, lon = NULL WHERE e.ctid = ANY (ARRAY(SELECT ctid FROM old)) RETURNING 1)
     SELECT ((SELECT count(*) FROM l) + (SELECT count(*) FROM e))::int AS n`,
    [days],
  );
}

const OF_OLD = 'x.delivery_id = ANY (ARRAY(SELECT id FROM old))';

/**
 * The history of deliveries that ended long ago: events, what was sent of them, why it was decided so, who was asked, contacts, addresses,
 * notes, proof. The delivery keeps its order, so that a late copy of it finds it, and its drivers and times, so that counts stay right.
 * What failed and is still aboard has not ended for its driver: their route needs its place.
 */
export function forgetDeliveries(db: Db, days: number): Promise<number> {
  return countOf(
    db,
    `WITH old AS MATERIALIZED (SELECT id FROM dispatch.delivery WHERE ended_at < now() - $1::int * ${DAY} AND forgotten_at IS NULL
       AND status IN (${sqlList(ENDED_STATUSES)}) AND dropoff_rank IS NULL ORDER BY ended_at LIMIT 200 FOR UPDATE SKIP LOCKED),
     l AS (DELETE FROM dispatch.outbox_lane x WHERE ${OF_OLD}),
     o AS (DELETE FROM dispatch.outbox x WHERE ${OF_OLD}),
     e AS (DELETE FROM dispatch.delivery_event x WHERE ${OF_OLD}),
     c AS (DELETE FROM dispatch.dispatch_decision x WHERE ${OF_OLD}),
     f AS (DELETE FROM dispatch.offer x WHERE x.delivery_ids && ARRAY(SELECT id FROM old)),
     d AS (UPDATE dispatch.delivery x SET forgotten_at = now(), pickup = '{}', dropoff = '{}', pickup_lat = NULL,
       pickup_lon = NULL, dropoff_lat = NULL, dropoff_lon = NULL, notes = NULL, pincode = NULL, proof = NULL,
       failure_note = NULL, message_digest = NULL, rating = NULL, rating_note = NULL, rated_at = NULL WHERE x.id = ANY (ARRAY(SELECT id FROM old)) RETURNING 1)
     SELECT count(*)::int AS n FROM d`,
    [days],
  );
}

/** Who made which driver what: the newest version of each stays. */
export function forgetDriverEvents(db: Db, days: number): Promise<number> {
  return countOf(
    db,
    `WITH old AS (SELECT e.ctid FROM dispatch.driver_event e CROSS JOIN LATERAL (
         SELECT 1 FROM dispatch.driver d WHERE d.id = e.driver_id AND d.version > e.version LIMIT 1) newer
       WHERE e.recorded_at < now() - $1::int * ${DAY} ORDER BY e.recorded_at LIMIT ${STEP}),
     gone AS (DELETE FROM dispatch.driver_event e WHERE e.ctid = ANY (ARRAY(SELECT ctid FROM old)) RETURNING 1)
     SELECT count(*)::int AS n FROM gone`,
    [days],
  );
}

/**
 * Events that were given up, or have nowhere to go, and what a relay of the version before has sent: one of this version
 * takes an event away as it is sent. What is still being tried stays, however old; what waited behind an event that goes
 * is due. By what the lane's lock says of its last event: the statement itself does not see one that was added just now.
 */
export function forgetOutbox(db: Db, days: number): Promise<number> {
  return countOf(
    db,
    `WITH old AS MATERIALIZED (SELECT o.id, o.delivery_id, o.seq, l.last_seq FROM dispatch.outbox o
       JOIN dispatch.shop s ON s.id = o.shop_id CROSS JOIN LATERAL (
         SELECT l.last_seq FROM dispatch.outbox_lane l WHERE l.delivery_id = o.delivery_id AND (l.parked_at IS NOT NULL
           OR s.webhook_url IS NULL OR s.webhook_disabled_at IS NOT NULL) LIMIT 1 FOR UPDATE SKIP LOCKED) l
       WHERE o.created_at < now() - $1::int * ${DAY} AND o.sent_at IS NULL ORDER BY o.created_at LIMIT ${STEP}),
     past AS MATERIALIZED (SELECT o.id FROM dispatch.outbox o
       WHERE o.created_at < now() - $1::int * ${DAY} AND o.sent_at IS NOT NULL ORDER BY o.created_at LIMIT ${STEP}),
     gone AS (DELETE FROM dispatch.outbox o WHERE o.id = ANY (ARRAY(SELECT id FROM old UNION ALL SELECT id FROM past)) RETURNING 1),
     last AS MATERIALIZED (SELECT delivery_id, max(seq) AS seq, max(last_seq) AS last_seq FROM old GROUP BY delivery_id),
     ended AS (DELETE FROM dispatch.outbox_lane l USING last WHERE l.delivery_id = last.delivery_id AND last.last_seq = last.seq
       AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM last))),
     freed AS (UPDATE dispatch.outbox_lane l SET due_at = now(), parked_at = NULL, failed_id = NULL, last_error = NULL, attempts = 0
       FROM last WHERE l.delivery_id = last.delivery_id AND last.last_seq > last.seq
         AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM last)))
     SELECT count(*)::int AS n FROM gone`,
    [days],
  );
}

/** First results under keys, and ids of shops' messages, each with days of its own. */
export function forgetKeys(db: Db, days: { keys: number; inbox: number }): Promise<number> {
  return countOf(
    db,
    `WITH old AS ((SELECT ctid FROM dispatch.kept_result WHERE created_at < now() - $1::int * ${DAY}
       AND NOT is_message ORDER BY created_at LIMIT ${STEP})
     UNION ALL (SELECT ctid FROM dispatch.kept_result WHERE created_at < now() - $2::int * ${DAY}
       AND is_message ORDER BY created_at LIMIT ${STEP})),
     gone AS (DELETE FROM dispatch.kept_result i WHERE i.ctid = ANY (ARRAY(SELECT ctid FROM old)) RETURNING 1)
     SELECT count(*)::int AS n FROM gone`,
    [days.keys, days.inbox],
  );
}
