import { judged, type Row, sample, sideBySide } from './figures.ts';
import { type HttpRequest, type Load, load } from './load.ts';
import { withCpu } from './process-cpu.ts';
import { CENTER, clearShops, defaultShopId, fillRedis, placeNear, seedDrivers, seeded } from './seed.ts';
import { driverTokens, type World } from './world.ts';

const CONNECTIONS = 64;

/** One fix per request, each driver with their own token, against a bare Hono endpoint that parses and answers JSON. */
export async function fixRow(world: World, drivers: number): Promise<Row> {
  const { options, db, redis, postgres } = world;
  const [service, hono] = await Promise.all([world.startService(), world.startFloor('hono')]);
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(1);
  const ids = await seedDrivers(
    db,
    shopId,
    Array.from({ length: drivers }, () => placeNear(CENTER, 8_000, random)),
  );
  await fillRedis(db, redis.url);
  const requests = await fixRequests(shopId, ids);
  const side = (url: string, pids: readonly number[], seconds = options.seconds) =>
    measured({ url, requests, connections: CONNECTIONS, seconds }, pids);
  const ours = () => side(service.url, [service.pid, redis.pid, postgres.pid]);
  // Everybody's token is checked once and everybody is written down once before the clock starts.
  await side(service.url, [], 1 + drivers / 5_000);
  await side(hono.url, [], 1);
  const stores = await side(service.url, [redis.pid, postgres.pid]);
  const both = await sideBySide(options.rounds, ours, () => side(hono.url, [hono.pid]));
  await Promise.all([service.stop(), hono.stop()]);
  return {
    name: drivers === 1_000 ? 'fix' : `fix, ${drivers.toLocaleString('en')} drivers`,
    unit: '/s',
    ...both,
    wanted: '≥ 0.60',
    reached: judged(both, both.ratio >= 0.6),
    notes: [
      `floor: bare Hono JSON endpoint; ${CONNECTIONS} connections; ${both.spread}`,
      `CPU of the service and the stores; the stores use ${stores.cpuUs?.toFixed(1)} µs per fix`,
    ],
  };
}

export async function fixRequests(shopId: string, ids: readonly string[]): Promise<HttpRequest[]> {
  const tokens = await driverTokens(shopId, ids);
  const random = seeded(2);
  return ids.map((id, i) => ({
    method: 'POST',
    path: `/v1/drivers/${id}/location`,
    headers: { authorization: `Bearer ${tokens[i]}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...placeNear(CENTER, 8_000, random), accuracyM: 8 }),
  }));
}

/** @throws Error where more than one request in a thousand failed: such a figure says nothing */
export async function measured(what: Load, pids: readonly number[]) {
  const { result, cpuUs } = await withCpu(pids, async () => {
    const found = await load(what);
    return { result: found, operations: found.requests };
  });
  if (result.failed > result.requests / 1000) throw new Error(`${result.failed} of ${result.requests} requests failed`);
  return sample(result.perS, { p50Ms: result.p50Ms, p99Ms: result.p99Ms, cpuUs: pids.length === 0 ? null : cpuUs });
}
