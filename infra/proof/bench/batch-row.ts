import { Redis } from 'ioredis';
import { judged, type Row, sample, sideBySide } from './figures.ts';
import { measured } from './fix-row.ts';
import type { HttpRequest } from './load.ts';
import { CENTER, clearShops, defaultShopId, fillRedis, placeNear, seedDrivers, seeded } from './seed.ts';
import { geoaddRate } from './tools.ts';
import { SHOP_KEY, type World } from './world.ts';

const PER_BATCH = 500;
const DRIVERS = 10_000;
const CONNECTIONS = 8;

/** Fixes in batches of 500 over HTTP, in fixes per second, against raw pipelined GEOADD on the same Redis. */
export async function batchRow(world: World): Promise<Row> {
  const { options, db, redis, postgres } = world;
  const service = await world.startService();
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(3);
  const places = Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random));
  const ids = await seedDrivers(db, shopId, places);
  await fillRedis(db, redis.url);
  const requests = Array.from({ length: 60 }, () => batch(ids, random));
  const ours = async (pids: readonly number[] = [service.pid, redis.pid, postgres.pid], seconds = options.seconds) => {
    const found = await measured({ url: service.url, requests, connections: CONNECTIONS, seconds }, pids);
    const cpuUs = found.cpuUs === null ? null : found.cpuUs / PER_BATCH;
    return sample(found.value * PER_BATCH, { ...found, value: found.value * PER_BATCH, cpuUs });
  };
  await ours([], 2);
  const both = await sideBySide(
    options.rounds,
    () => ours(),
    () => geoaddRate(redis, options.seconds, DRIVERS),
  );
  const [ofService, ofRedis] = [await ours([service.pid]), await ours([redis.pid])];
  const backMs = await comeBack(world, service.url, ids);
  await service.stop();
  return {
    name: 'batch of 500',
    unit: 'fixes/s',
    ...both,
    wanted: '≥ 0.25, ≥ 100,000/s',
    reached: judged(both, both.ratio >= 0.25 && both.ours.value >= 100_000),
    notes: [
      `floor: GEOADD in pipelines of 32 over 50 connections; ${CONNECTIONS} connections; p50/p99 are of a batch; ${both.spread}`,
      `a batch in which 1,000 silent drivers come back: ${backMs.toFixed(0)} ms`,
      `CPU µs per fix: service ${ofService.cpuUs?.toFixed(1)}, Redis ${ofRedis.cpuUs?.toFixed(1)}; the floor costs Redis ${both.floor.cpuUs?.toFixed(1)}`,
    ],
  };
}

const COME_BACK = 1_000;

/** One request with a thousand drivers nobody has heard from for five minutes. @returns ms */
async function comeBack({ db, redis }: World, url: string, ids: readonly string[]): Promise<number> {
  const back = ids.slice(0, COME_BACK);
  await db.run("UPDATE dispatch.driver_location SET seen_at = now() - interval '5 min'");
  const raw = new Redis(redis.url);
  await raw.flushall();
  await raw.quit();
  const headers = { authorization: `Bearer ${SHOP_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ fixes: back.map((driverId) => ({ driverId, ...CENTER })) });
  const startedAt = performance.now();
  const answer = await fetch(`${url}/v1/locations`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  return performance.now() - startedAt;
}

function batch(ids: readonly string[], random: () => number): HttpRequest {
  const fixes = Array.from({ length: PER_BATCH }, () => ({
    driverId: ids[Math.floor(random() * ids.length)],
    ...placeNear(CENTER, 8_000, random),
    accuracyM: 8,
  }));
  return {
    method: 'POST',
    path: '/v1/locations',
    headers: { authorization: `Bearer ${SHOP_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ fixes }),
  };
}
