import { Redis } from 'ioredis';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { relayCaller } from '#shared/flows/deps.ts';
import { reportFixes } from '#shared/flows/report-fixes.ts';
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
export async function batchRow(world: World): Promise<Row[]> {
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
  const back = await comeBackRow(world, service.url, { shopId, ids: ids.slice(0, COME_BACK) });
  await service.stop();
  const row: Row = {
    name: 'batch of 500',
    unit: 'fixes/s',
    ...both,
    wanted: '≥ 0.25, ≥ 100,000/s',
    reached: judged(both, both.ratio >= 0.25 && both.ours.value >= 100_000),
    notes: [
      `floor: GEOADD in pipelines of 32 over 50 connections; ${CONNECTIONS} connections; p50/p99 are of a batch; ${both.spread}`,
      `CPU µs per fix: service ${ofService.cpuUs?.toFixed(1)}, Redis ${ofRedis.cpuUs?.toFixed(1)}; the floor costs Redis ${both.floor.cpuUs?.toFixed(1)}`,
    ],
  };
  return [row, back];
}

const COME_BACK = 1_000;

interface Back {
  shopId: string;
  /** Nobody has heard from them for five minutes, and somebody waits. */
  ids: readonly string[];
}

/** A batch in which a thousand silent drivers come back: what it asks of PostgreSQL, beside one in which two do. */
async function comeBackRow(world: World, url: string, { shopId, ids }: Back): Promise<Row> {
  await world.db.run(
    `INSERT INTO dispatch.delivery (shop_id, version, status, dispatch, pickup_lat, pickup_lon, dropoff_lat, dropoff_lon, pickup, dropoff, due_at)
     VALUES ($1, 1, 'PENDING', 'exhausted', 10, 10, 10, 10, '{}', '{}', now())`,
    [shopId],
  );
  await silence(world);
  const tookMs = await comeBack(url, ids);
  const [of1000, of2] = [await statementsOf(world, shopId, ids), await statementsOf(world, shopId, ids.slice(0, 2))];
  return {
    name: '1,000 come back in one batch',
    unit: 'queries',
    ours: sample(of1000, { p50Ms: tookMs, p99Ms: tookMs }),
    floor: sample(of2),
    ratio: of2 / of1000,
    wanted: '≤ those of two who come back',
    reached: of1000 <= of2,
    notes: [
      `one request that PostgreSQL has to hear of at once, answered after ${tookMs.toFixed(0)} ms; floor: two come back; the shop is planned once, which has its own bound`,
    ],
  };
}

async function silence({ db, redis }: World): Promise<void> {
  await db.run("UPDATE dispatch.driver_location SET seen_at = now() - interval '5 min'");
  const raw = new Redis(redis.url);
  await raw.flushall();
  await raw.quit();
}

/** @returns ms until it was answered */
async function comeBack(url: string, ids: readonly string[]): Promise<number> {
  const headers = { authorization: `Bearer ${SHOP_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ fixes: ids.map((driverId) => ({ driverId, ...CENTER })) });
  const startedAt = performance.now();
  const answer = await fetch(`${url}/v1/locations`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  return performance.now() - startedAt;
}

/** How many statements the same flow sends for these, counted here. */
async function statementsOf(world: World, shopId: string, ids: readonly string[]): Promise<number> {
  await silence(world);
  const availability = openAvailability({ url: world.redis.url, commandTimeoutMs: 5_000 });
  let sent = 0;
  const db: World['db'] = {
    ...world.db,
    run: (text, parameters) => {
      sent += 1;
      return world.db.run(text, parameters);
    },
  };
  const reports = ids.map((driverId) => ({ driverId, position: CENTER, recordedAtMs: null }));
  const outcomes = await reportFixes(
    { db, availability, dispatch: { mark: async () => {} } },
    relayCaller(),
    shopId,
    reports,
  );
  await availability.close();
  if (outcomes.some((outcome) => outcome !== 'accepted')) throw new Error(`not all came back: ${outcomes[0]}`);
  return sent;
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
