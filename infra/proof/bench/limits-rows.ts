import { judged, type Row, type Sample, sideBySide } from './figures.ts';
import { fixRequests, measured } from './fix-row.ts';
import { order, startAfresh } from './order-row.ts';
import { CENTER, clearShops, defaultShopId, fillRedis, placeNear, seedDrivers, seeded } from './seed.ts';
import type { Listening, World } from './world.ts';

const DRIVERS = 1_000;
const CONNECTIONS = 40;
/** More orders than any round sends. */
const ORDERS_PER_S = 5_000;
const MOST = 0.95;

/** What it costs to count what each caller asks: the same requests to a server that counts, and to one that does not. */
export async function limitsRows(world: World): Promise<Row[]> {
  const { db, redis } = world;
  const none = { LIMIT_KEY_PER_MINUTE: '0', LIMIT_DRIVER_PER_MINUTE: '0', LIMIT_SHOP_PER_MINUTE: '0' };
  const counting = await world.startService();
  const free = await world.startService(none);
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(17);
  const places = Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random));
  const ids = await seedDrivers(db, shopId, places);
  await fillRedis(db, redis.url);
  const fixes = await fixRequests(shopId, ids);
  const rows = [
    await row(world, 'fix, with limits', [counting, free], async () => fixes),
    await row(world, 'order, with limits', [counting, free], async () => {
      await startAfresh(world);
      return Array.from({ length: Math.ceil(world.options.seconds) * ORDERS_PER_S }, () => order(random));
    }),
  ];
  await Promise.all([counting.stop(), free.stop()]);
  return rows;
}

async function row(
  { options, redis, postgres }: World,
  name: string,
  [counting, free]: readonly [Listening, Listening],
  requests: () => Promise<Awaited<ReturnType<typeof fixRequests>>>,
): Promise<Row> {
  const ask = async ({ url, pid }: Listening): Promise<Sample> => {
    const load = { url, requests: await requests(), connections: CONNECTIONS, seconds: options.seconds };
    return measured(load, [pid, redis.pid, postgres.pid]);
  };
  await ask(counting);
  await ask(free);
  const both = await sideBySide(
    options.rounds,
    () => ask(counting),
    () => ask(free),
  );
  return {
    name,
    unit: '/s',
    ...both,
    wanted: `≥ ${MOST}`,
    reached: judged(both, both.ratio >= MOST),
    notes: [`floor: the same without limits (LIMIT_* 0); ${CONNECTIONS} connections; ${both.spread}`],
  };
}
