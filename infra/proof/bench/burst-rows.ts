import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Position } from '#shared/domain/geo.ts';
import { median, percentile, type Row, sample } from './figures.ts';
import { CENTER, clearShops, defaultShopId, finishAll, freshen, placeNear, seedDrivers, seeded } from './seed.ts';
import { short } from './table.ts';
import { SHOP_KEY, type World } from './world.ts';

const ORDERS = 1_000;
const DRIVERS = 300;
const CONNECTIONS = 100;
/** Kitchens in town; a customer is not far from theirs. */
const PICKUPS = 20;
/** The engine is done when it has looked at everything and nobody has been given anything for so long. */
const QUIET_S = 3;
const PATIENCE_S = 90;
const LOOK_AGAIN_MS = 100;
/** What the path before the engine took on a quiet machine. */
const WANTED = { answerS: 2.7, driverS: 5.7 };

/** Everything at once for drivers who take one each, and for drivers who take four. */
export async function burstRows(world: World): Promise<Row[]> {
  return [await burstRow(world, 1), await burstRow(world, 4)];
}

async function burstRow(world: World, capacity: number): Promise<Row> {
  const { db, redis } = world;
  const service = await world.startService();
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(9);
  const places = Array.from({ length: DRIVERS }, () => placeNear(CENTER, 4_000, random));
  const pickups = Array.from({ length: PICKUPS }, () => placeNear(CENTER, 3_000, random));
  await seedDrivers(db, shopId, places, { capacity });
  await freshen(db, redis.url);
  await sendAll(service.url, ordersNamed('W', 100, pickups, random));
  await untilDone(world, 'W');
  await finishAll(db);
  await freshen(db, redis.url);
  const sent = await sendAll(service.url, ordersNamed('B', ORDERS, pickups, random));
  const end = await untilDone(world, 'B');
  await service.stop();
  // Who takes several is given several: how many drivers that needs is the plan's affair.
  const room = Math.min(DRIVERS * capacity, ORDERS);
  const slowestS = Math.max(...sent.answersMs) / 1_000;
  return {
    name: `burst, ${DRIVERS} drivers of capacity ${capacity}`,
    unit: 'orders/s',
    ours: sample(ORDERS / sent.tookS, { p50Ms: median(sent.answersMs), p99Ms: percentile(sent.answersMs, 99) }),
    floor: null,
    ratio: null,
    wanted: `≤ ${WANTED.answerS} s, ≤ ${WANTED.driverS} s`,
    reached: slowestS <= WANTED.answerS && end.last_s <= WANTED.driverS && end.assigned === room,
    notes: [
      `${ORDERS} orders over ${CONNECTIONS} connections, stored in ${short(sent.tookS)} s, slowest answer ${short(slowestS)} s; ${sent.refused} answers of 503, sent again`,
      `after ${short(end.last_s)} s nobody was given anything more: ${end.drivers} drivers have ${end.assigned} orders; where the others stand: ${JSON.stringify(end.others)}`,
    ],
  };
}

function ordersNamed(
  letter: string,
  count: number,
  pickups: readonly Position[],
  random: () => number,
): readonly string[] {
  return Array.from({ length: count }, (_, n) => {
    const pickup = pickups[n % pickups.length]!;
    return JSON.stringify({
      sellerOrderId: `${letter}-${randomUUID()}`,
      pickup: { ...pickup, address: 'Torstrasse 1, 10119 Berlin' },
      dropoff: { ...placeNear(pickup, 2_000, random), address: 'Ackerstrasse 9, 10115 Berlin' },
    });
  });
}

/** As a shop does: what is refused for now is sent again under the same key, after as long as the answer says. */
async function sendAll(url: string, orders: readonly string[]) {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const answersMs: number[] = [];
  let refused = 0;
  let next = 0;
  const client = async () => {
    while (next < orders.length) {
      const body = orders[next++]!;
      const headers = {
        authorization: `Bearer ${SHOP_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      };
      for (;;) {
        const askedAt = performance.now();
        const answer = await pool.request({ method: 'POST', path: '/v1/deliveries', headers, body });
        const text = await answer.body.text();
        answersMs.push(performance.now() - askedAt);
        if (answer.statusCode === 201) break;
        if (answer.statusCode !== 503) throw new Error(`an order was answered ${answer.statusCode}: ${text}`);
        refused += 1;
        await sleep(Number(answer.headers['retry-after'] ?? 1) * 1_000);
      }
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const tookS = (performance.now() - startedAt) / 1_000;
  await pool.close();
  return { answersMs, refused, tookS };
}

interface Standing {
  assigned: number;
  /** Who have at least one of the orders. */
  drivers: number;
  /** From the first order stored to the last one given, seconds. */
  last_s: number;
  /** Nothing was given for so long, seconds. */
  quiet_s: number;
  /** No plan has looked at them. */
  unseen: number;
  others: Readonly<Record<string, number>> | null;
}

async function untilDone({ db }: World, letter: string): Promise<Standing> {
  for (const until = performance.now() + PATIENCE_S * 1_000; ; await sleep(LOOK_AGAIN_MS)) {
    const [row] = await db.run<Standing>(
      `WITH d AS (SELECT * FROM dispatch.delivery WHERE order_ref LIKE $1 || '-%')
       SELECT count(driver_id)::int AS assigned, count(DISTINCT driver_id)::int AS drivers,
         coalesce(extract(epoch FROM max(assigned_at) - min(created_at)), 0)::float8 AS last_s,
         extract(epoch FROM now() - greatest(max(assigned_at), max(created_at)))::float8 AS quiet_s,
         (count(*) FILTER (WHERE dispatch = 'searching' AND held_reason IS NULL))::int AS unseen,
         (SELECT json_object_agg(why, n) FROM (SELECT concat_ws(' ', dispatch, held_reason) AS why, count(*) AS n FROM d
            WHERE driver_id IS NULL GROUP BY 1) w) AS others
       FROM d`,
      [letter],
    );
    if (row === undefined) throw new Error('an aggregate answers one row');
    if ((row.unseen === 0 && row.quiet_s > QUIET_S) || performance.now() > until) return row;
  }
}
