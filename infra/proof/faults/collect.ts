import type { Db } from '#shared/db/open-db.ts';
import type { Evidence } from './history.ts';
import type { Receiver } from './receiver.ts';
import { GONE, type World } from './world.ts';

export type FromDatabase = Pick<
  Evidence,
  | 'drivers'
  | 'driverEvents'
  | 'deliveries'
  | 'deliveryEvents'
  | 'decisions'
  | 'offers'
  | 'outbox'
  | 'keys'
  | 'scopes'
  | 'shops'
  | 'collectedMs'
>;

/** What Postgres holds in the end, table by table: after the service has stopped, since nothing may change meanwhile. */
export async function collect(db: Db, world: World, { told }: Pick<Receiver, 'told'>): Promise<FromDatabase> {
  // Reading it all takes a while, in which nobody works any more.
  const collectedMs = Date.now();
  const shops = await db.run<Record<'disabled' | 'transit' | 'eta' | 'offers' | 'ratings', boolean> & { slug: string }>(
    SHOPS,
  );
  const keys = await pages<{ digest: string }>(db, 'SELECT digest FROM dispatch.kept_result ORDER BY digest');
  const scopes = await pages<{ scope: string }>(db, SCOPES);
  return {
    drivers: await pages(db, DRIVERS),
    driverEvents: await pages(db, DRIVER_EVENTS),
    deliveries: await pages(db, DELIVERIES),
    deliveryEvents: await pages(db, DELIVERY_EVENTS),
    decisions: await pages(db, DECISIONS),
    offers: await pages(db, OFFERS),
    collectedMs,
    outbox: [...told, ...(await pages<Evidence['outbox'][number]>(db, OUTBOX))],
    keys: keys.map((row) => row.digest),
    scopes: scopes.map((row) => row.scope),
    shops: [...world.shops, world.crowd].map(({ slug, keyId, maxHeldS }) => {
      const shop = shops.find((each) => each.slug === slug);
      const unasked = [
        ...(shop?.transit ? [] : ['IN_TRANSIT']),
        ...(shop?.eta ? [] : ['ETA_CHANGED']),
        ...(shop?.offers ? [] : OF_OFFERS),
        ...(shop?.ratings ? [] : ['RATED']),
      ];
      // Whose endpoint is gone the bench knows: by the service's own word a shop that it wrongly gave up expects nothing.
      const isGone = slug === GONE || slug === world.crowd.slug;
      return { slug, keyIds: [keyId], maxHeldS, unasked, isGone, isDisabled: shop?.disabled ?? true };
    }),
  };
}

const PAGE = 5_000;

/** In pages, since the bench's own statements have the service's deadline. */
async function pages<Row>(db: Db, text: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await db.run<Row>(`${text} LIMIT ${PAGE} OFFSET ${rows.length}`);
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}

const OF_OFFERS = ['OFFERED', 'OFFER_DECLINED', 'OFFER_EXPIRED'];
const SHOPS = `SELECT slug, webhook_disabled_at IS NOT NULL OR webhook_url IS NULL AS disabled, webhook_in_transit AS transit,
  webhook_eta_changed AS eta, webhook_offers AS offers, webhook_ratings AS ratings FROM dispatch.shop`;
/** Whose keys there may be. */
const SCOPES = `SELECT scope FROM (SELECT 'operator' AS scope UNION ALL SELECT 'driver:' || id FROM dispatch.driver
  UNION ALL SELECT kind || id FROM dispatch.shop, (VALUES ('shop:'), ('webhook:')) kinds (kind)) s ORDER BY scope`;
const DRIVERS = `SELECT d.id, s.slug AS shop, d.active, d.version::float8 AS version, d.load, d.reserved, d.capacity,
  to_json(d.tags) AS tags FROM dispatch.driver d JOIN dispatch.shop s ON s.id = d.shop_id ORDER BY d.id`;
const ms = (time: string) => `extract(epoch from ${time})::float8 * 1000`;
const DRIVER_EVENTS = `SELECT driver_id AS "driverId", version::float8 AS version, type, status, load, capacity,
  delivery_id AS "deliveryId", actor, route, ${ms('recorded_at')} AS "recordedMs"
  FROM dispatch.driver_event ORDER BY driver_id, version`;
const DELIVERIES = `SELECT x.id, s.slug AS shop, x.order_ref AS "orderRef", x.notes, x.status, x.version, x.driver_id AS "driverId",
  x.size, to_json(x.requires) AS requires, coalesce(to_json(x.proof_required), '[]') AS "proofRequired", to_json(x.excluded_driver_ids) AS excluded, x.pickup_rank AS "pickupRank", x.dropoff_rank AS "dropoffRank",
  x.priority, x.dropoff_lat AS "dropoffLat",
  ${ms('greatest(x.pickup_ready_at, x.pickup_after, x.dropoff_after)')} AS "readyMs"
  FROM dispatch.delivery x JOIN dispatch.shop s ON s.id = x.shop_id ORDER BY x.id`;
const DELIVERY_EVENTS = `SELECT delivery_id AS "deliveryId", seq, type, status, actor, driver_id AS "driverId",
  driver_version::float8 AS "driverVersion", CASE WHEN type IN ('ASSIGNED','HELD','DELIVERED') THEN data END AS data,
  ${ms('recorded_at')} AS "recordedMs"
  FROM dispatch.delivery_event ORDER BY delivery_id, seq`;
const DECISIONS = `SELECT delivery_id AS "deliveryId", outcome, ${ms('created_at')} AS "recordedMs"
  FROM dispatch.dispatch_decision ORDER BY id`;
const OFFERS = `SELECT id, driver_id AS "driverId", to_json(delivery_ids) AS "deliveryIds", size, exclusive, state,
  ${ms('created_at')} AS "createdMs", ${ms('expires_at')} AS "expiresMs", ${ms('ended_at')} AS "endedMs" FROM dispatch.offer ORDER BY id`;
const OUTBOX = `SELECT id, delivery_id AS "deliveryId", seq, false AS sent,
  ${ms(`(body::json ->> 'plannedDropoffAt')::timestamptz`)} AS "plannedDropoffMs" FROM dispatch.outbox ORDER BY id`;
