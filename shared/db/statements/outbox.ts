import type { Db } from '../open-db.ts';

/** One event to be sent, with where and how. `attempts` counts this one. */
export interface ClaimedEvent {
  id: string;
  shop_id: string;
  delivery_id: string;
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

/**
 * Takes up to `limit` events that are due, have no earlier unsent event of the same delivery (order is kept by never
 * having two of one delivery under way), and whose shop has fewer than `perShop` under way (one slow endpoint never
 * takes the others' places). The lease of 60 s outlives the sender's 15 s; a sender that dies costs one duplicate.
 */
export function claimEvents(db: Db, input: { limit: number; perShop: number }): Promise<readonly ClaimedEvent[]> {
  return db.run(CLAIM_EVENTS, [input.limit, input.perShop]);
}

const CLAIM_EVENTS = `WITH busy AS (SELECT shop_id, count(*) AS n FROM dispatch.outbox
  WHERE sent_at IS NULL AND leased_until > now() GROUP BY shop_id),
fair AS (SELECT r.id FROM dispatch.shop s LEFT JOIN busy b ON b.shop_id = s.id CROSS JOIN LATERAL (
    SELECT o.id, o.next_attempt_at FROM dispatch.outbox o
    WHERE o.shop_id = s.id AND o.sent_at IS NULL AND o.parked_at IS NULL AND o.next_attempt_at <= now()
      AND (o.leased_until IS NULL OR o.leased_until < now())
      AND NOT EXISTS (SELECT 1 FROM dispatch.outbox e WHERE e.delivery_id = o.delivery_id
        AND e.seq < o.seq AND e.sent_at IS NULL)
    ORDER BY o.next_attempt_at, o.id LIMIT greatest($2 - coalesce(b.n, 0), 0)) r
  WHERE s.webhook_url IS NOT NULL AND s.webhook_disabled_at IS NULL
  ORDER BY r.next_attempt_at, r.id LIMIT $1),
mine AS (SELECT o.id FROM dispatch.outbox o WHERE o.id IN (SELECT id FROM fair) AND o.sent_at IS NULL
    AND (o.leased_until IS NULL OR o.leased_until < now()) FOR UPDATE OF o SKIP LOCKED)
UPDATE dispatch.outbox o SET leased_until = now() + interval '60 s', attempts = o.attempts + 1
FROM mine, dispatch.shop s WHERE o.id = mine.id AND s.id = o.shop_id
RETURNING o.id, o.shop_id, o.delivery_id, o.event, o.body, o.attempts, o.request_id, o.traceparent,
  floor(extract(epoch from now() - o.created_at) * 1000)::float8 AS age_ms,
  s.webhook_url AS url, to_json(s.webhook_secrets) AS secrets, s.webhook_static_secret AS static_secret`;

export type Settlement =
  | { outcome: 'sent' }
  | { outcome: 'retry'; inMs: number; error: string }
  | { outcome: 'parked'; error: string }
  | { outcome: 'gone'; error: string };

/** How one claimed event went. */
export interface Settled {
  id: string;
  shop_id: string;
  as: Settlement;
}

/**
 * Says how claimed events went. `parked`: given up, the delivery's later events wait behind it until it is replayed.
 * `gone`: the endpoint said 410; nothing more is sent to it until the shop sets its webhook anew.
 */
export async function settleEvents(db: Db, settled: readonly Settled[]): Promise<void> {
  const rows = settled.map(({ id, shop_id, as }) => ({
    id,
    shop_id,
    outcome: as.outcome,
    error: 'error' in as ? as.error : null,
    in_ms: 'inMs' in as ? as.inMs : null,
  }));
  await db.run(
    `WITH s AS (SELECT * FROM json_to_recordset($1::text::json)
       AS t(id uuid, shop_id uuid, outcome text, error text, in_ms float8)),
     gone AS (UPDATE dispatch.shop w SET webhook_disabled_at = now()
       WHERE w.id IN (SELECT s.shop_id FROM s WHERE s.outcome = 'gone')),
     mine AS (SELECT o.id FROM dispatch.outbox o WHERE o.id IN (SELECT s.id FROM s) AND o.sent_at IS NULL
       ORDER BY o.id FOR UPDATE)
     UPDATE dispatch.outbox o SET leased_until = NULL, last_error = s.error,
       sent_at = CASE WHEN s.outcome = 'sent' THEN now() END, parked_at = CASE WHEN s.outcome = 'parked' THEN now() END,
       next_attempt_at = CASE WHEN s.outcome = 'retry' THEN now() + s.in_ms * interval '1 ms' ELSE o.next_attempt_at END
     FROM s JOIN mine ON mine.id = s.id WHERE o.id = s.id`,
    [JSON.stringify(rows)],
  );
}
