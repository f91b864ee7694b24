import type { Db } from '#shared/db/open-db.ts';
import type { Evidence } from './history.ts';
import type { World } from './world.ts';

type FromDatabase = Pick<
  Evidence,
  'drivers' | 'driverEvents' | 'deliveries' | 'deliveryEvents' | 'outbox' | 'keys' | 'shops'
>;

/** What Postgres holds in the end, table by table. */
export async function collect(db: Db, world: World): Promise<FromDatabase> {
  const gone = await db.run<{ slug: string }>(
    'SELECT slug FROM dispatch.shop WHERE webhook_disabled_at IS NOT NULL OR webhook_url IS NULL',
  );
  const keys = await pages<{ key: string }>(db, 'SELECT key FROM dispatch.idempotency ORDER BY scope, key');
  return {
    drivers: await pages(db, DRIVERS),
    driverEvents: await pages(db, DRIVER_EVENTS),
    deliveries: await pages(db, DELIVERIES),
    deliveryEvents: await pages(db, DELIVERY_EVENTS),
    outbox: await pages(db, OUTBOX),
    keys: keys.map((row) => row.key),
    shops: [...world.shops, world.crowd].map(({ slug, keyId }) => ({
      slug,
      keyIds: [keyId],
      isGone: gone.some((shop) => shop.slug === slug),
    })),
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

const DRIVERS = `SELECT d.id, s.slug AS shop, d.active, d.version::float8 AS version, d.load, d.capacity
  FROM dispatch.driver d JOIN dispatch.shop s ON s.id = d.shop_id ORDER BY d.id`;
const DRIVER_EVENTS = `SELECT driver_id AS "driverId", version::float8 AS version, status, load, capacity,
  extract(epoch from recorded_at)::float8 * 1000 AS "recordedMs" FROM dispatch.driver_event ORDER BY driver_id, version`;
const DELIVERIES = `SELECT x.id, s.slug AS shop, x.order_ref AS "orderRef", x.notes, x.status, x.version, x.driver_id AS "driverId"
  FROM dispatch.delivery x JOIN dispatch.shop s ON s.id = x.shop_id ORDER BY x.id`;
const DELIVERY_EVENTS = `SELECT delivery_id AS "deliveryId", seq, type, status, actor, driver_id AS "driverId",
  driver_version::float8 AS "driverVersion", extract(epoch from recorded_at)::float8 * 1000 AS "recordedMs"
  FROM dispatch.delivery_event ORDER BY delivery_id, seq`;
const OUTBOX = `SELECT id, delivery_id AS "deliveryId", seq, sent_at IS NOT NULL AS sent FROM dispatch.outbox ORDER BY id`;
