import { randomUUID } from 'node:crypto';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { judged, type Row, type Sample, sideBySide } from './figures.ts';
import { measured } from './fix-row.ts';
import type { HttpRequest } from './load.ts';
import { PGBENCH_STATEMENT, prepareInputs } from './order-inputs.ts';
import { CENTER, clearShops, defaultShopId, finishAll, freshen, placeNear, seedDrivers, seeded } from './seed.ts';
import { short } from './table.ts';
import { pgbenchRate } from './tools.ts';
import { SIGNING_SECRET, type World } from './world.ts';

/** As many as the service has to Postgres, so that both sides wait for as many commits at once. */
const CONNECTIONS = 10;
/** More than any round sends: a repeated message would be answered from its idempotency key. */
const PER_S = 5_000;
/** More than get an order in a round. */
const DRIVERS_PER_S = 4_000;
const SENDERS = 40;
/** Where the knee is: how many orders a second, and how long each takes, with so many senders at once. */
const STEPS = [1, 4, 16, 40, 160] as const;

interface Shop {
  policy: 'planned' | 'nearest';
  drivers: number;
  capacity: number;
}

/** Every order finds an idle driver: the short way, an order or a few in one commit. */
export function orderRow(world: World): Promise<Row> {
  const drivers = DRIVERS_PER_S * Math.ceil(world.options.seconds);
  return measureOrders(world, 'order → assigned', { policy: 'planned', drivers, capacity: 1 });
}

/** The simplest rule: to the nearest driver, behind whatever they have in hand. */
export function nearestOrderRow(world: World): Promise<Row> {
  return measureOrders(world, 'order → assigned, nearest', { policy: 'nearest', drivers: 4_000, capacity: 100 });
}

/** A signed order → stored, given to a driver, committed → answered; against pgbench running the same statement. */
async function measureOrders(world: World, name: string, shop: Shop): Promise<Row> {
  const { options, db, redis, postgres } = world;
  const { service, shopId } = await openShop(world, shop);
  await clearShops(db);
  const random = seeded(4);
  const places = Array.from({ length: shop.drivers }, () => placeNear(CENTER, 8_000, random));
  await seedDrivers(db, shopId, places, { capacity: shop.capacity });
  const seconds = Math.ceil(options.seconds);
  await prepareInputs(db, { shopId, policy: shop.policy, places, count: (options.rounds + 1) * seconds * PER_S });
  const pids = { service: service.pid, Postgres: postgres.pid, Redis: redis.pid };
  const ours = async (connections: number = SENDERS, asked: readonly number[] = Object.values(pids)) => {
    await startAfresh(world);
    const requests = Array.from({ length: seconds * PER_S }, () => order(random));
    return measured({ url: service.url, requests, connections, seconds: options.seconds }, asked);
  };
  await ours();
  const both = await sideBySide(
    options.rounds,
    () => ours(),
    async () => {
      await startAfresh(world);
      return pgbenchRate(postgres, PGBENCH_STATEMENT, CONNECTIONS, options.seconds);
    },
  );
  const notes = [
    `floor: pgbench, same statement, ${CONNECTIONS} connections, as the service has; ${SENDERS} senders; ${both.spread}`,
    `orders/s (p50/p99 ms) by senders: ${await kneeOf(ours)}`,
    `CPU µs per order: ${await sharesOf(ours, pids)}`,
    await outcomes(world),
  ];
  await service.stop();
  return { name, unit: '/s', ...both, wanted: '≥ 0.75', reached: judged(both, both.ratio >= 0.75), notes };
}

/** The server remembers its shop for some seconds: what it is to be is written before the server starts. */
async function openShop(world: World, { policy }: Shop) {
  const first = await world.startService();
  const shopId = await defaultShopId(world.db);
  await first.stop();
  await world.db.run('UPDATE dispatch.shop SET policy = $2 WHERE id = $1', [shopId, policy]);
  return { service: await world.startService(), shopId };
}

/** Nobody has an order, and everybody has just been heard from. */
export async function startAfresh({ db, redis }: World): Promise<void> {
  await finishAll(db);
  await freshen(db, redis.url);
}

type Ours = (senders?: number, pids?: readonly number[]) => Promise<Sample>;

async function kneeOf(ours: Ours): Promise<string> {
  const steps: string[] = [];
  for (const senders of STEPS) {
    const { value, p50Ms, p99Ms } = await ours(senders);
    steps.push(`${senders}: ${short(value)} (${short(p50Ms ?? Number.NaN)}/${short(p99Ms ?? Number.NaN)})`);
  }
  return steps.join(', ');
}

async function sharesOf(ours: Ours, pids: Readonly<Record<string, number>>): Promise<string> {
  const shares: string[] = [];
  for (const [name, pid] of Object.entries(pids)) {
    shares.push(`${name} ${short((await ours(SENDERS, [pid])).cpuUs ?? Number.NaN)}`);
  }
  return shares.join(', ');
}

/** As a shop's plugin sends it, signed now; each one a new order. */
export function order(random: () => number): HttpRequest {
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

/** Who had a driver with the commit that stored them, and who by a plan after it. */
async function outcomes({ db }: World): Promise<string> {
  const [row] = await db.run<{ at_once: number; later: number }>(
    `SELECT avg((driver_id IS NOT NULL AND assigned_at = created_at)::int)::float8 AS at_once,
       avg((driver_id IS NOT NULL AND assigned_at > created_at)::int)::float8 AS later
     FROM dispatch.delivery WHERE order_ref LIKE 'B-%'`,
  );
  const percent = (share = Number.NaN) => `${(share * 100).toFixed(1)} %`;
  return `of all orders ${percent(row?.at_once)} had a driver at once, ${percent(row?.later)} by the next plans`;
}
