import { randomUUID } from 'node:crypto';
import { CREATE_DELIVERIES } from '#shared/db/statements/create-delivery.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { type Row, sideBySide } from './figures.ts';
import { measured } from './fix-row.ts';
import type { HttpRequest } from './load.ts';
import { CENTER, clearShops, defaultShopId, driverIdOf, freshen, placeNear, seedDrivers, seeded } from './seed.ts';
import { short } from './table.ts';
import { pgbenchRate } from './tools.ts';
import { SIGNING_SECRET, type World } from './world.ts';

const DRIVERS = 4_000;
/** As many as the service has to Postgres, so that both sides wait for as many commits at once. */
const CONNECTIONS = 10;
/** More than any round sends: a repeated message would be answered from its idempotency key. */
const PER_S = 5_000;
/** As many as the service names to one statement for one order. */
const WINDOW = 8;
const SENDERS = 40;
/** Where the knee is: how many orders a second, and how long each takes, with so many senders at once. */
const STEPS = [1, 4, 16, 40, 160] as const;

/** A signed order → stored, given to a driver, committed → answered; against pgbench running the same statement. */
export async function orderRow(world: World): Promise<Row> {
  const { options, db, redis, postgres } = world;
  const service = await world.startService();
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(4);
  await seedDrivers(
    db,
    shopId,
    Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random)),
  );
  await prepareInputs(world, shopId);
  const pids = { service: service.pid, Postgres: postgres.pid, Redis: redis.pid };
  const ours = async (connections: number = SENDERS, asked: readonly number[] = Object.values(pids)) => {
    await freshen(db, redis.url);
    const requests = Array.from({ length: Math.ceil(options.seconds) * PER_S }, () => order(random));
    return measured({ url: service.url, requests, connections, seconds: options.seconds }, asked);
  };
  await ours();
  const both = await sideBySide(
    options.rounds,
    () => ours(),
    async () => {
      await freshen(db, redis.url);
      return pgbenchRate(postgres.url, PGBENCH_STATEMENT, CONNECTIONS, options.seconds);
    },
  );
  const knee: string[] = [];
  for (const senders of STEPS) {
    const { value, p50Ms, p99Ms } = await ours(senders);
    knee.push(`${senders}: ${short(value)} (${short(p50Ms ?? Number.NaN)}/${short(p99Ms ?? Number.NaN)})`);
  }
  const shares: string[] = [];
  for (const [name, pid] of Object.entries(pids)) {
    shares.push(`${name} ${short((await ours(SENDERS, [pid])).cpuUs ?? Number.NaN)}`);
  }
  const assigned = await shareAssigned(world);
  await service.stop();
  return {
    name: 'order → assigned',
    unit: '/s',
    ...both,
    wanted: '≥ 0.50',
    reached: both.ratio >= 0.5,
    notes: [
      `floor: pgbench, same statement, ${CONNECTIONS} connections, as the service has; ${SENDERS} senders; ${both.spread}`,
      `orders/s (p50/p99 ms) by senders: ${knee.join(', ')}`,
      `CPU µs per order: ${shares.join(', ')}`,
      `${(assigned * 100).toFixed(1)} % of all orders had a driver at once`,
    ],
  };
}

/** The parameters of the statement, made beforehand: pgbench can look one up, but not write JSON. */
async function prepareInputs({ db }: World, shopId: string): Promise<void> {
  await db.run('DROP TABLE IF EXISTS bench_input');
  await db.run('DROP SEQUENCE IF EXISTS bench_number');
  await db.run('CREATE UNLOGGED TABLE bench_input (n bigint PRIMARY KEY, input text)');
  await db.run('CREATE SEQUENCE bench_number CACHE 100');
  const random = seeded(5);
  for (let from = 0; from < 60_000; from += 2_000) {
    const rows = Array.from({ length: 2_000 }, (_, i) => ({ n: from + i + 1, input: inputOf(shopId, random) }));
    await db.run(
      'INSERT INTO bench_input SELECT t.n, t.input FROM json_to_recordset($1::text::json) AS t(n bigint, input text)',
      [JSON.stringify(rows)],
    );
  }
  await db.run('ANALYZE bench_input');
}

const PGBENCH_STATEMENT = CREATE_DELIVERIES.replace(
  '$1::text::json',
  "(SELECT input FROM bench_input WHERE n = (SELECT nextval('bench_number')))::json",
);

function inputOf(shopId: string, random: () => number): string {
  const first = Math.floor(random() * DRIVERS);
  const candidates = Array.from({ length: WINDOW }, (_, i) => driverIdOf((first + i) % DRIVERS));
  const reasons = candidates.map((id, place) => [id, { distanceM: 812, idleS: 301, place: place + 1, of: WINDOW }]);
  return JSON.stringify([
    {
      n: 0,
      shop_id: shopId,
      order_ref: `P-${randomUUID()}`,
      channel_id: null,
      ...{ pickup_lat: CENTER.lat, pickup_lon: CENTER.lon, pickup_ready_at: null, pickup: { address: 'Torstrasse 1' } },
      ...{
        dropoff_lat: CENTER.lat,
        dropoff_lon: CENTER.lon,
        dropoff_before: null,
        dropoff: { address: 'Ackerstrasse 9' },
      },
      notes: null,
      pincode: null,
      retry_in_ms: 2_000,
      candidates,
      reasons: Object.fromEntries(reasons),
      final: false,
      scope: `webhook:${shopId}`,
      key: randomUUID(),
      request_sha256: '0'.repeat(64),
      actor: 'webhook:bench',
    },
  ]);
}

/** As a shop's plugin sends it, signed now; each one a new order. */
function order(random: () => number): HttpRequest {
  const body = JSON.stringify({
    type: 'delivery.requested',
    sellerOrderId: `B-${randomUUID()}`,
    pickup: { ...placeNear(CENTER, 7_000, random), address: 'Torstrasse 1, 10119 Berlin' },
    dropoff: { ...placeNear(CENTER, 7_000, random), address: 'Ackerstrasse 9, 10115 Berlin' },
  });
  const timestampS = Math.floor(Date.now() / 1000);
  const signed = signatureHeaders({ id: `msg_${randomUUID()}`, timestampS, body, secrets: [SIGNING_SECRET] });
  return {
    method: 'POST',
    path: '/v1/webhooks/vendure/default',
    headers: { 'content-type': 'application/json', ...signed },
    body,
  };
}

async function shareAssigned({ db }: World): Promise<number> {
  const [row] = await db.run<{ share: number }>(
    "SELECT avg((status <> 'PENDING')::int)::float8 AS share FROM dispatch.delivery WHERE order_ref LIKE 'B-%'",
  );
  return row?.share ?? Number.NaN;
}
