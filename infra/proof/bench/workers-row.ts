import { type Row, type Sample, sample, sideBySide } from './figures.ts';
import { fixRequests, measured } from './fix-row.ts';
import { CENTER, clearShops, defaultShopId, fillRedis, placeNear, seedDrivers, seeded } from './seed.ts';
import type { Listening, World } from './world.ts';

const DRIVERS = 1_000;
const CONNECTIONS = 64;

/** Single fixes through two workers against one: two processes as PM2 starts them, each with half of the connections. */
export async function workersRow(world: World): Promise<Row> {
  const { options, db, redis } = world;
  const workers = [await world.startService(), await world.startService()] as const;
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(6);
  const ids = await seedDrivers(
    db,
    shopId,
    Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random)),
  );
  await fillRedis(db, redis.url);
  const requests = await fixRequests(shopId, ids);
  const one = (worker: Listening, connections: number) =>
    measured({ url: worker.url, requests, connections, seconds: options.seconds }, [worker.pid]);
  const two = async () => {
    const each = await Promise.all(workers.map((worker) => one(worker, CONNECTIONS / 2)));
    return together(each);
  };
  // Both compiled, every token checked once.
  for (let i = 0; i < 3; i += 1) await two();
  const both = await sideBySide(options.rounds, two, () => one(workers[0], CONNECTIONS));
  await Promise.all(workers.map((worker) => worker.stop()));
  return {
    name: 'two workers',
    unit: '/s',
    ...both,
    wanted: '–',
    reached: null,
    notes: [`floor: one worker; load, Redis and both workers share this machine's cores; ${both.spread}`],
  };
}

function together(samples: readonly Sample[]): Sample {
  const value = samples.reduce((sum, each) => sum + each.value, 0);
  const most = (pick: (each: Sample) => number | null) => Math.max(...samples.map((each) => pick(each) ?? 0));
  const cpuUs = samples.reduce((sum, each) => sum + (each.cpuUs ?? 0) * (each.value / value), 0);
  return sample(value, { p50Ms: most((each) => each.p50Ms), p99Ms: most((each) => each.p99Ms), cpuUs });
}
