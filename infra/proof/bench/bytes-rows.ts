import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '#shared/db/open-db.ts';
import { createDelivery } from '#shared/db/statements/create-delivery.ts';
import { commitMove } from '#shared/db/statements/move-delivery.ts';
import type { Requester } from '#shared/domain/command.ts';
import { allowedFrom, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { openSender } from '#shared/flows/relay/send-events.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { newOrder } from '#shared/testing/builders.ts';
import { type Row, sample } from './figures.ts';
import { CENTER, clearShops, defaultShopId, driverIdOf, placeNear, seedDrivers, seeded } from './seed.ts';
import { short } from './table.ts';
import type { World } from './world.ts';

const DRIVERS = 100;
const ORDERS = 2_000;
const WANTED = 5_000;
const STEPS = ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED'] as const satisfies readonly DeliveryStatus[];

/**
 * What Postgres keeps of an order that came by webhook, was given to a driver at once, and was brought in three reports
 * with a key each, all its events sent: tables and indexes, before retention takes anything, vacuumed every hundred
 * orders as autovacuum does on a busy day.
 */
export async function bytesRows(world: World): Promise<Row[]> {
  const { db } = world;
  const service = await world.startService();
  const shopId = await defaultShopId(db);
  await service.stop();
  await clearShops(db);
  await db.run(
    `UPDATE dispatch.shop SET webhook_url = 'http://127.0.0.1:9/', webhook_in_transit = true WHERE id = $1`,
    [shopId],
  );
  const random = seeded(12);
  await seedDrivers(
    db,
    shopId,
    Array.from({ length: DRIVERS }, () => placeNear(CENTER, 4_000, random)),
    { capacity: 1 },
  );
  await db.run(`UPDATE dispatch.driver_location SET seen_at = now() + interval '1 h'`);
  await bring(db, shopId, 500);
  const before = await sizes(db);
  const updatesBefore = await updates(db);
  await bring(db, shopId, ORDERS);
  const after = await sizes(db);
  const updatesAfter = await updates(db);
  await db.run('UPDATE dispatch.shop SET webhook_url = NULL WHERE id = $1', [shopId]);
  const perTable = Object.entries(after).map(
    ([name, bytes]) => [name, (bytes - (before[name] ?? 0)) / ORDERS] as const,
  );
  const hot = (100 * (updatesAfter.hot - updatesBefore.hot)) / (updatesAfter.all - updatesBefore.all);
  const atFirst = rowOf('kept of an order', perTable);
  const later = rowOf(
    'kept once its keys are gone',
    perTable.filter(([name]) => name !== 'kept_result'),
  );
  return [
    { ...atFirst, notes: [...atFirst.notes, `${hot.toFixed(0)} % of the updates of deliveries are HOT`] },
    { ...later, notes: ['reports are forgotten after a day, the shop’s message after eight'] },
  ];
}

function rowOf(name: string, perTable: readonly (readonly [string, number])[]): Row {
  const bytes = perTable.reduce((sum, [, each]) => sum + each, 0);
  const largest = perTable.filter(([, each]) => each >= 1).sort(([, x], [, y]) => y - x);
  const shares = largest.map(([table, each]) => `${table} ${short(each)}`).join(', ');
  return {
    name,
    unit: 'bytes',
    ours: sample(bytes),
    floor: null,
    ratio: null,
    wanted: `≤ ${WANTED}`,
    reached: bytes <= WANTED,
    notes: [`${ORDERS} orders, four keys and five events each: ${shares}`],
  };
}

async function bring(db: Db, shopId: string, count: number): Promise<void> {
  const sender = openSender({
    db,
    secretBox: openSecretBox({ secret: 'of the bench, whose secrets are not sealed', previousSecret: null }),
    send: async () => ({ outcome: 'delivered', detail: '' }),
    nowMs: Date.now,
    random01: Math.random,
    report: () => {},
  });
  for (let n = 0; n < count; n += 1) {
    await bringOne(db, shopId, driverIdOf(n % DRIVERS));
    if (n % 100 !== 99) continue;
    while ((await sender.begin()) > 0) await sender.idle();
    for (const table of TABLES) await db.run(`VACUUM dispatch.${table}`);
  }
  // The counters of updates are written down with a delay.
  await sleep(1_500);
}

async function bringOne(db: Db, shopId: string, driver: string): Promise<void> {
  const by = (actor: string, scope: string, key: string): Requester => ({
    actor,
    idempotency: { scope, key, requestSha256: 'f'.repeat(64) },
    requestId: randomUUID(),
  });
  const message = `msg_${randomUUID()}`;
  const address = (street: string) => ({
    address: `${street}, 10119 Berlin`,
    name: 'R. Meier',
    phone: '+49 30 1234567',
  });
  const order = newOrder(shopId, `ORDER-${message.slice(-12)}`, [driver], {
    pickup: address('Torstrasse 1'),
    dropoff: address('Ackerstrasse 9'),
    told: { [driver]: { pickup_at: soon(10), dropoff_at: soon(25), data: { reason: 'idle', distanceM: 812 } } },
    decision: { plan_id: randomUUID(), reason: 'idle', policy: 'planned', cost_s: 1_527, data: DECISION },
  });
  const created = await createDelivery(db, by(`webhook:${message}`, `webhook:${shopId}`, message), order);
  if (created.kind !== 'done' || created.result.outcome !== 'created' || created.result.delivery.driver_id === null) {
    throw new Error(`an order found no driver: ${JSON.stringify(created).slice(0, 300)}`);
  }
  const { id } = created.result.delivery;
  for (const to_status of STEPS) {
    await commitMove(db, by(`driver:${driver}`, `driver:${driver}`, randomUUID()), {
      shop_id: shopId,
      delivery_id: id,
      order_ref: null,
      driver_id: driver,
      to_status,
      from_statuses: allowedFrom(to_status),
      occurred_at: null,
      ...CENTER,
      proof: null,
      pincode: null,
      by_shop: false,
      failure_code: null,
      note: null,
      parcel: null,
      exclude: false,
    });
  }
}

const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

/** As the short way writes them. */
const DECISION = {
  deliveries: 1,
  drivers: 8,
  rounds: 0,
  ms: 1,
  travel: 'learned',
  settings: '0123456789ab',
  parts: { waitingS: 1_204, lateS: 0, drivingS: 311, otherS: 12 },
  alternatives: Array.from({ length: 5 }, (_, n) => ({ driverId: driverIdOf(n), extraS: 60 * n })),
};

const TABLES = [
  'delivery',
  'delivery_event',
  'driver_event',
  'dispatch_decision',
  'outbox',
  'outbox_lane',
  'kept_result',
] as const;

async function sizes(db: Db): Promise<Record<string, number>> {
  const rows = await db.run<{ name: string; bytes: number }>(
    `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS bytes FROM pg_class
     WHERE relnamespace = 'dispatch'::regnamespace AND relname = ANY ($1::text[])`,
    [`{${TABLES.join(',')}}`],
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes]));
}

async function updates(db: Db): Promise<{ all: number; hot: number }> {
  const [row] = await db.run<{ all: number; hot: number }>(
    `SELECT n_tup_upd::float8 AS all, n_tup_hot_upd::float8 AS hot FROM pg_stat_user_tables
     WHERE schemaname = 'dispatch' AND relname = 'delivery'`,
  );
  if (row === undefined) throw new Error('the deliveries are not counted');
  return row;
}
