import type { Db } from '../open-db.ts';

/*
 * Events are sent from lanes, one for each delivery that has any to be sent (schema: outbox_lane). A lane's first event
 * may go; the others wait behind it and are read by nobody. A relay leases the lane for as long as it sends, and renews
 * the lease; a lease that has run out makes the lane due like any other, so that nothing has to notice a dead relay.
 */

/** How long the first event of a lane waits when its relay died. */
const LEASE = `interval '6 s'`;
/** Three times a lease, so that one renewal may fail. */
export const RENEW_EVERY_MS = 2_000;

/** One event to be sent, with where and how. `attempts` counts this one. */
export interface ClaimedEvent {
  id: string;
  shop_id: string;
  delivery_id: string;
  seq: number;
  event: string;
  body: string;
  attempts: number;
  age_ms: number;
  url: string;
  secrets: readonly string[];
  static_secret: string | null;
  /** Of the request that caused it. */
  request_id: string | null;
  traceparent: string | null;
}

export interface Claim {
  /** Who sends: names the lease. */
  relay: string;
  /** Events in all, and of one shop together with those that this relay has under way. */
  limit: number;
  perShop: number;
  /** Those it has under way, by shop. */
  underWay: Readonly<Record<string, number>>;
}

/**
 * Leases lanes that are due and takes the first event of each. The shop with the fewest under way goes first, so that
 * no shop waits for another's. Costs what it takes, and a look at each shop that has lanes: `shops` goes from one
 * shop's first lane to the next's by their index, whatever waits between.
 *
 * A lane that changed after the statement's look at it is left to the next claim: its first event may have left, and a
 * later one may be there that this look does not see. One without events (sent by a relay of the version before) goes.
 */
export function claimEvents(db: Db, { relay, limit, perShop, underWay }: Claim): Promise<readonly ClaimedEvent[]> {
  return db.run(CLAIM_EVENTS, [limit, perShop, JSON.stringify(underWay), relay]);
}

const CLAIM_EVENTS = `WITH RECURSIVE shops AS (
  (SELECT l.shop_id FROM dispatch.outbox_lane l WHERE l.due_at IS NOT NULL ORDER BY l.shop_id LIMIT 1)
  UNION ALL
  SELECT n.shop_id FROM shops s CROSS JOIN LATERAL (SELECT l.shop_id FROM dispatch.outbox_lane l
    WHERE l.shop_id > s.shop_id AND l.due_at IS NOT NULL ORDER BY l.shop_id LIMIT 1) n),
fair AS MATERIALIZED (SELECT r.delivery_id, r.due_at, r.last_seq FROM shops
  JOIN dispatch.shop s ON s.id = shops.shop_id AND s.webhook_url IS NOT NULL AND s.webhook_disabled_at IS NULL
  CROSS JOIN LATERAL (SELECT coalesce(($3::text::json ->> (s.id::text))::int, 0) AS n) b
  CROSS JOIN LATERAL (SELECT q.*, b.n + row_number() OVER (ORDER BY q.due_at, q.delivery_id) AS place FROM (
    SELECT l.delivery_id, l.due_at, l.last_seq FROM dispatch.outbox_lane l WHERE l.shop_id = s.id AND l.due_at <= now()
    ORDER BY l.due_at, l.delivery_id LIMIT greatest($2::int - b.n, 0)) q) r
  ORDER BY r.place, r.due_at, r.delivery_id LIMIT $1),
mine AS MATERIALIZED (SELECT l.delivery_id FROM fair f JOIN dispatch.outbox_lane l ON l.delivery_id = f.delivery_id
    AND l.due_at = f.due_at AND l.last_seq = f.last_seq
  WHERE l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM fair)) FOR UPDATE OF l SKIP LOCKED),
head AS MATERIALIZED (SELECT mine.delivery_id AS lane, o.* FROM mine LEFT JOIN LATERAL (SELECT * FROM dispatch.outbox o
    WHERE o.delivery_id = mine.delivery_id AND o.sent_at IS NULL ORDER BY o.seq LIMIT 1) o ON true),
emptied AS (DELETE FROM dispatch.outbox_lane l USING head WHERE l.delivery_id = head.lane AND head.id IS NULL
  AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM mine))),
leased AS (UPDATE dispatch.outbox_lane l SET due_at = now() + ${LEASE}, leased_by = $4, attempts = l.attempts + 1
  FROM head WHERE l.delivery_id = head.lane AND head.id IS NOT NULL
    AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM mine)) RETURNING l.delivery_id, l.attempts)
SELECT head.id, head.shop_id, head.delivery_id, head.seq, head.event, head.body, leased.attempts, head.request_id,
  head.traceparent, floor(extract(epoch from now() - head.created_at) * 1000)::float8 AS age_ms,
  s.webhook_url AS url, to_json(s.webhook_secrets) AS secrets, s.webhook_static_secret AS static_secret
FROM leased JOIN head ON head.lane = leased.delivery_id JOIN dispatch.shop s ON s.id = head.shop_id`;

/** Of the deliveries whose events this relay is still sending. A lane that somebody writes to is renewed the next time. */
export async function renewLeases(db: Db, relay: string, deliveryIds: readonly string[]): Promise<void> {
  await db.run(
    `WITH mine AS MATERIALIZED (SELECT l.delivery_id FROM dispatch.outbox_lane l
       WHERE l.delivery_id = ANY ($2::uuid[]) AND l.leased_by = $1 FOR UPDATE SKIP LOCKED)
     UPDATE dispatch.outbox_lane l SET due_at = now() + ${LEASE} FROM mine WHERE l.delivery_id = mine.delivery_id
       AND l.delivery_id = ANY ($2::uuid[])`,
    [relay, `{${deliveryIds.join(',')}}`],
  );
}

export type Settlement =
  | { outcome: 'sent' }
  | { outcome: 'retry'; inMs: number; error: string }
  | { outcome: 'parked'; error: string }
  | { outcome: 'gone'; error: string };

/** How one claimed event went. */
export interface Settled {
  event: Pick<ClaimedEvent, 'id' | 'shop_id' | 'delivery_id' | 'seq' | 'url'>;
  as: Settlement;
}

/**
 * Says how claimed events went, of lanes that are still leased by this relay: what another has taken over meanwhile is
 * the other's. `sent`: the event goes, and the next of its lane is due. `parked`: given up, the delivery's later events
 * wait behind it until it is replayed. `gone`: the endpoint said 410; nothing more is sent to it until the shop sets its
 * webhook anew; where it has done so meanwhile, the new one is tried. Lanes are locked in order of delivery, as the trigger on `outbox` does.
 */
export async function settleEvents(db: Db, relay: string, settled: readonly Settled[]): Promise<void> {
  const rows = settled.map(({ event: { id, shop_id, delivery_id, seq, url }, as }) => ({
    id,
    shop_id,
    delivery_id,
    seq,
    url,
    outcome: as.outcome,
    error: 'error' in as ? as.error : null,
    in_ms: 'inMs' in as ? as.inMs : null,
  }));
  await db.run(SETTLE_EVENTS, [JSON.stringify(rows), relay]);
}

const SETTLE_EVENTS = `WITH s AS MATERIALIZED (SELECT * FROM json_to_recordset($1::text::json)
  AS t(id uuid, shop_id uuid, delivery_id uuid, seq int, url text, outcome text, error text, in_ms float8)),
gone AS (UPDATE dispatch.shop w SET webhook_disabled_at = now()
  WHERE (w.id, w.webhook_url) IN (SELECT s.shop_id, s.url FROM s WHERE s.outcome = 'gone')),
mine AS MATERIALIZED (SELECT l.delivery_id, l.last_seq FROM dispatch.outbox_lane l
  WHERE l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM s)) AND l.leased_by = $2 ORDER BY l.delivery_id FOR UPDATE),
ours AS MATERIALIZED (SELECT s.*, s.outcome = 'sent' AND mine.last_seq = s.seq AS is_last
  FROM s JOIN mine ON mine.delivery_id = s.delivery_id),
sent AS (DELETE FROM dispatch.outbox o USING ours WHERE o.id = ours.id AND ours.outcome = 'sent'
  AND o.id = ANY (ARRAY(SELECT id FROM s))),
ended AS (DELETE FROM dispatch.outbox_lane l USING ours WHERE l.delivery_id = ours.delivery_id AND ours.is_last
  AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM s)))
UPDATE dispatch.outbox_lane l SET leased_by = NULL, last_error = ours.error,
  attempts = CASE WHEN ours.outcome = 'sent' THEN 0 ELSE l.attempts END,
  failed_id = CASE WHEN ours.outcome <> 'sent' THEN ours.id END,
  parked_at = CASE WHEN ours.outcome = 'parked' THEN now() END,
  due_at = CASE ours.outcome WHEN 'parked' THEN NULL WHEN 'retry' THEN now() + ours.in_ms * interval '1 ms' ELSE now() END
FROM ours WHERE l.delivery_id = ours.delivery_id AND NOT ours.is_last
  AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM s))`;
