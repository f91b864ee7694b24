import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { type Row, sample } from './figures.ts';
import { fill } from './nearest-rows.ts';
import { CENTER, clearShops, defaultShopId, placeNear, seedDrivers, seeded } from './seed.ts';
import type { World } from './world.ts';

const DRIVERS = 50_000;

/** What an AVAILABLE driver takes in both stores, freshly filled: with each index, without later bloat. */
export async function memoryRows(world: World): Promise<Row[]> {
  const service = await world.startService();
  await service.stop();
  return [await inRedis(world), await inPostgres(world)];
}

async function inRedis({ redis }: World): Promise<Row> {
  const raw = new Redis(redis.url);
  const availability = openAvailability({ url: redis.url, commandTimeoutMs: 5_000 });
  const used = async () => Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1]);
  const random = seeded(9);
  const before = await used();
  await fill(
    availability,
    randomUUID(),
    Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random)),
  );
  const bytes = ((await used()) - before) / DRIVERS;
  await Promise.all([raw.quit(), availability.close()]);
  return row('memory per driver, Redis', bytes, 'sorted set, hash, and a heartbeat key with its expiry');
}

async function inPostgres({ db }: World): Promise<Row> {
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(9);
  await seedDrivers(
    db,
    shopId,
    Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random)),
  );
  const [size] = await db.run<{ bytes: number }>(
    "SELECT (pg_total_relation_size('dispatch.driver') + pg_total_relation_size('dispatch.driver_location'))::float8 AS bytes",
  );
  await clearShops(db);
  return row(
    'disk per driver, Postgres',
    (size?.bytes ?? Number.NaN) / DRIVERS,
    'driver and location, with their indexes',
  );
}

function row(name: string, bytes: number, note: string): Row {
  return {
    name,
    unit: 'bytes',
    ours: sample(bytes),
    floor: null,
    ratio: null,
    wanted: '–',
    reached: null,
    notes: [note],
  };
}
