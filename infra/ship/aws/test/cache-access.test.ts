import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAvailability } from '../../../../shared/availability/open-availability.ts';
import { type EmbeddedRedis, startRedis } from '../../../workshop/embedded/redis.ts';
import { CACHE_ACCESS } from '../lib/stores.ts';

/* The service with no more rights in Redis than the stack gives it. */

const SHOP = '01a205a1-8b18-7352-8761-b07d38212328';
const DRIVER = '01a205a1-8b18-7352-8761-b07d38212329';
let server: EmbeddedRedis;
let admin: Redis;

beforeAll(async () => {
  const started = await startRedis({ durable: false });
  if (started === null) throw new Error('This machine has no Redis: install redis-server or valkey-server');
  server = started;
  admin = new Redis(server.url);
  await admin.call('ACL', 'SETUSER', 'dispatch', ...CACHE_ACCESS.split(' '), '>secret');
});
afterAll(async () => {
  await admin?.quit();
  await server?.stop();
});

const asService = () => server.url.replace('redis://', 'redis://dispatch:secret@');

test('is enough for all the service asks', async () => {
  const availability = openAvailability({ url: asService() });
  const position = { lat: 52.52, lon: 13.4 };
  const projection = {
    driverId: DRIVER,
    version: 1,
    status: 'AVAILABLE',
    position,
    idleSinceMs: 0,
    seenAgeMs: 0,
  } as const;
  try {
    expect(await availability.project(SHOP, [projection])).toEqual(['OK']);
    await availability.markWarm(SHOP);
    expect(await availability.isWarm(SHOP)).toBe(true);
    expect(await availability.locate(SHOP, [{ driverId: DRIVER, position, recordedAtMs: 1 }])).toMatchObject([
      { outcome: 'OK' },
    ]);
    expect(await availability.heartbeat(SHOP, [{ driverId: DRIVER }])).toMatchObject([{ outcome: 'OK' }]);
    const page = await availability.unsaved(SHOP, '0');
    expect(page?.heard).toMatchObject([{ driverId: DRIVER }]);
    await availability.saved(SHOP, page?.heard ?? [], true);
    expect(await availability.search(SHOP, { center: position, radiusM: 100, limit: 1 })).toMatchObject([
      { driverId: DRIVER },
    ]);
    expect(await availability.lastPositions(SHOP, [DRIVER])).toHaveLength(1);
    expect(await availability.statuses(SHOP, [DRIVER])).toMatchObject([{ version: 1 }]);
    expect(await availability.projectedIds(SHOP, '0', 10)).toMatchObject({ ids: [DRIVER] });
    await availability.forget(SHOP, [DRIVER]);
    const spent = { name: 'key:k', quota: 10, windowS: 60, spent: 1 };
    expect(await availability.spend(SHOP, [spent])).toEqual([9]);
    await availability.ping();
  } finally {
    await availability.close();
  }
  expect(await admin.call('ACL', 'LOG')).toEqual([]);
});

test('is not enough for what it never asks', async () => {
  const redis = new Redis(asService());
  try {
    for (const [command, ...args] of [
      ['FLUSHALL'],
      ['KEYS', '*'],
      ['CONFIG', 'GET', '*'],
      ['ACL', 'LIST'],
      ['GET', 'somebody-elses'],
    ] as const) {
      await expect(redis.call(command, ...args)).rejects.toThrow(/NOPERM/);
    }
  } finally {
    await redis.quit();
  }
});
