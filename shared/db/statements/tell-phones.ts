import { ASK_AFTER_S, OFFLINE_AFTER_S } from '../../domain/driver.ts';
import type { PushKind } from '../../domain/push.ts';
import type { Db } from '../open-db.ts';
import { silentSince } from './eligible.ts';

/*
 * What a phone has to be told follows from how its driver stands now and what it was told before: a driver's version, the
 * open offers, changes of orders in hand, a silence. Whoever changes these writes nothing for it. A relay leases the
 * subscriptions that are behind, sends, and notes what they were told; whoever dies in between leaves a lease that ends.
 */

/** Longer than one try and its settling take. */
const LEASE = `interval '30 s'`;

/** What is noted as told once the message was taken: not what is true by then. */
export interface Told {
  version: number;
  offers: readonly string[];
  changes_until: string;
  asked_after: string | null;
}

/** One message to one browser. */
export interface ClaimedPush extends Told {
  id: string;
  shop_id: string;
  driver_id: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  kind: PushKind;
  /** After so many seconds it is worth nothing to the driver. */
  ttl_s: number;
  /** Counts this one. */
  attempts: number;
}

export interface PushClaim {
  relay: string;
  /** Messages in all, and of one shop together with those that this relay has under way. */
  limit: number;
  perShop: number;
  underWay: Readonly<Record<string, number>>;
}

const BY_THEMSELVES = `'driver:' || m.driver_id`;
const OPEN_OFFER = `o.state = 'open' AND o.expires_at > now()`;
const SILENT_SINCE = silentSince('d');
/** On duty, or with something in hand, and asked once for each silence. */
const silent = (
  s: string,
) => `((d.duty = 'AVAILABLE' OR d.load > 0) AND ${SILENT_SINCE} < now() - interval '${ASK_AFTER_S} s'
  AND ${SILENT_SINCE} > now() - interval '${OFFLINE_AFTER_S} s' AND ${s}.asked_after IS DISTINCT FROM ${SILENT_SINCE})`;

/** Those who are behind in anything; `news` tells whether in something that is told. */
const BEHIND = `SELECT s.id, s.shop_id, s.due_at FROM dispatch.push_subscription s
  JOIN dispatch.driver d ON d.id = s.driver_id AND d.active AND d.token_version = s.token_version
  LEFT JOIN dispatch.device v ON v.id = s.device_id
  LEFT JOIN dispatch.driver_location l ON l.driver_id = s.driver_id
  WHERE s.due_at <= now() AND (s.device_id IS NULL OR v.withdrawn_at IS NULL AND v.expires_at > now())
    AND (d.version > s.told_version OR ${silent('s')}
      OR EXISTS (SELECT 1 FROM dispatch.offer o WHERE o.driver_id = s.driver_id AND ${OPEN_OFFER} AND o.id <> ALL (s.told_offers))
      OR EXISTS (SELECT 1 FROM dispatch.delivery x WHERE x.driver_id = s.driver_id AND x.dropoff_rank IS NOT NULL
        AND x.updated_at > s.told_changes_until))`;

const OFFERS = `SELECT array_agg(o.id ORDER BY o.id) AS ids, coalesce(bool_or(o.id <> ALL (m.told_offers)), false) AS is_new,
    ceil(extract(epoch FROM max(o.expires_at) - now()))::int AS life_s
  FROM dispatch.offer o WHERE o.driver_id = m.driver_id AND ${OPEN_OFFER}`;
/** What the driver did is no news to them. */
const VERSIONS = `SELECT coalesce(bool_or(e.type = 'CANCELLED'), false) AS cancelled,
    coalesce(bool_or(e.type IN ('ASSIGNED','UNASSIGNED','REATTEMPTED','PLANNED','ROUTE')), false) AS route,
    coalesce(bool_or(e.type = 'RESIZED'), false) AS resized
  FROM dispatch.driver_event e WHERE e.driver_id = m.driver_id AND e.version > m.told_version AND e.version <= d.version
    AND e.actor <> ${BY_THEMSELVES}`;
const CHANGES = `SELECT max(x.updated_at) AS until, coalesce(bool_or(EXISTS (SELECT 1 FROM dispatch.delivery_event e
    WHERE e.delivery_id = x.id AND e.type = 'CHANGED' AND e.driver_id = m.driver_id AND e.recorded_at > m.told_changes_until
      AND e.actor <> ${BY_THEMSELVES})), false) AS changed
  FROM dispatch.delivery x WHERE x.driver_id = m.driver_id AND x.dropoff_rank IS NOT NULL AND x.updated_at > m.told_changes_until`;

const CLAIM = `WITH behind AS MATERIALIZED (${BEHIND}),
fair AS MATERIALIZED (SELECT b.id FROM (SELECT b.*, coalesce(($3::text::json ->> b.shop_id::text)::int, 0)
    + row_number() OVER (PARTITION BY b.shop_id ORDER BY b.due_at, b.id) AS place FROM behind b) b
  WHERE b.place <= $2::int ORDER BY b.place, b.due_at, b.id LIMIT $1),
mine AS MATERIALIZED (SELECT s.* FROM dispatch.push_subscription s
  WHERE s.id = ANY (ARRAY(SELECT id FROM fair)) AND s.due_at <= now() FOR UPDATE SKIP LOCKED),
news AS MATERIALIZED (SELECT m.*, d.version AS driver_version, coalesce(o.ids, '{}') AS offers, o.life_s,
    greatest(c.until, m.told_changes_until) AS changes_until, ${SILENT_SINCE} AS silent_since,
    CASE WHEN o.is_new THEN 'offer' WHEN v.cancelled THEN 'cancelled' WHEN v.route THEN 'route'
      WHEN c.changed OR v.resized THEN 'change' WHEN ${silent('m')} THEN 'still_there' END AS kind
  FROM mine m JOIN dispatch.driver d ON d.id = m.driver_id LEFT JOIN dispatch.driver_location l ON l.driver_id = m.driver_id
  CROSS JOIN LATERAL (${OFFERS}) o CROSS JOIN LATERAL (${VERSIONS}) v CROSS JOIN LATERAL (${CHANGES}) c),
nothing AS (UPDATE dispatch.push_subscription s SET told_version = greatest(s.told_version, n.driver_version),
    told_offers = n.offers, told_changes_until = n.changes_until
  FROM news n WHERE s.id = n.id AND n.kind IS NULL AND s.id = ANY (ARRAY(SELECT id FROM mine))),
leased AS (UPDATE dispatch.push_subscription s SET due_at = now() + ${LEASE}, leased_by = $4::uuid, attempts = s.attempts + 1
  FROM news n WHERE s.id = n.id AND n.kind IS NOT NULL AND s.id = ANY (ARRAY(SELECT id FROM mine)) RETURNING s.id, s.attempts)
SELECT n.id, n.shop_id, n.driver_id, n.endpoint, n.p256dh, n.auth, n.kind, leased.attempts,
  CASE n.kind WHEN 'offer' THEN n.life_s WHEN 'still_there' THEN ${OFFLINE_AFTER_S - ASK_AFTER_S} ELSE 86400 END AS ttl_s,
  greatest(n.told_version, n.driver_version)::float8 AS version, to_json(n.offers) AS offers,
  to_json(n.changes_until) #>> '{}' AS changes_until,
  to_json(CASE WHEN n.kind = 'still_there' THEN n.silent_since ELSE n.asked_after END) #>> '{}' AS asked_after
FROM leased JOIN news n ON n.id = leased.id`;

/**
 * Leases the browsers that have something to be told, and says what: of several things the most urgent. What is no news
 * (the driver's own steps) is noted as told at once. Whose shop has fewest under way goes first.
 */
export function claimPushes(db: Db, { relay, limit, perShop, underWay }: PushClaim): Promise<readonly ClaimedPush[]> {
  return db.run(CLAIM, [limit, perShop, JSON.stringify(underWay), relay]);
}

export type PushSettlement = { outcome: 'told' } | { outcome: 'again'; inMs: number } | { outcome: 'gone' };

/**
 * Says how it went with a browser that is still leased by this relay. `told`: it knows what the claim said; `again`: it
 * is behind as before, and tried again in `inMs`; `gone`: it is forgotten.
 */
export async function settlePush(db: Db, relay: string, push: ClaimedPush, as: PushSettlement): Promise<void> {
  const { id, version, offers, changes_until, asked_after } = push;
  const row = { id, version, offers, changes_until, asked_after, ...as };
  await db.run(
    `WITH p AS MATERIALIZED (SELECT * FROM json_to_record($1::text::json) AS t(id uuid, outcome text, "inMs" float8,
       version bigint, offers uuid[], changes_until timestamptz, asked_after timestamptz)),
     gone AS (DELETE FROM dispatch.push_subscription s USING p WHERE s.id = p.id AND s.leased_by = $2::uuid AND p.outcome = 'gone'),
     again AS (UPDATE dispatch.push_subscription s SET leased_by = NULL, due_at = now() + p."inMs" * interval '1 ms'
       FROM p WHERE s.id = p.id AND s.leased_by = $2::uuid AND p.outcome = 'again')
     UPDATE dispatch.push_subscription s SET leased_by = NULL, due_at = now(), attempts = 0,
       told_version = greatest(s.told_version, p.version), told_offers = p.offers,
       told_changes_until = greatest(s.told_changes_until, p.changes_until), asked_after = p.asked_after
     FROM p WHERE s.id = p.id AND s.leased_by = $2::uuid AND p.outcome = 'told'`,
    [JSON.stringify(row), relay],
  );
}
