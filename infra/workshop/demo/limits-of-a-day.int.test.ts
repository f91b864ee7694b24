import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Availability, Spent } from '#shared/availability/availability.ts';
import { shopKeys } from '#shared/availability/keys.ts';
import { openAvailability } from '#shared/availability/open-availability.ts';
import { openLimits } from '#shared/composition/open-limits.ts';
import { type LimitSettings, readConfig } from '#shared/runtime/config.ts';
import { testRedis } from '#shared/testing/stores.ts';
import { openPlayedTime, type PlayedDay, type PlayedTime, playDay } from './played-day.testing.ts';

/*
 * What a shop four times as large as the demo's asks of the limits when its day passes ten times as fast as days do: all
 * its phones behind one address, which is its server's too, and two processes that share a real Redis. Time alone is not
 * real. It holds with the 500 drivers that the demo can have at most, too, but takes as much longer.
 */

const SPEED = 10;
const DRIVERS = 200;
const HOUR_MS = 3_600_000 / SPEED;
const DAY_MS = 12 * HOUR_MS;
const PROCESSES = 2;

const DEFAULTS = readConfig({
  DATABASE_URL: 'postgres://nobody@nowhere/none',
  TOKEN_SECRET: 'thirty-two characters, or more of them',
}).limits;

const { url, prefix } = testRedis();
let redis: Redis;
let availability: Availability;
beforeAll(() => {
  redis = new Redis(url);
  availability = openAvailability({ url, prefix, commandTimeoutMs: 5_000 });
});
afterAll(() => Promise.all([redis.quit(), availability.close()]));

test('a whole day at ten times its speed meets no default', async () => {
  const { asked, refused, least } = await play(DAY_MS, DEFAULTS);
  // A report a second from each phone, and all that belongs to 12,000 orders.
  expect(asked).toBeGreaterThan(800_000);
  expect(refused).toEqual({});
  // Nor does anybody come so near to a quota that they would be told of it.
  expect(Object.keys(least).sort()).toEqual(['driver', 'key', 'shop', 'stored-keys']);
  for (const [policy, share] of Object.entries(least)) expect(share, policy).toBeGreaterThan(0.25);
}, 180_000);

test.each([
  ['shopPerMinute', 20, 'shop'],
  ['driverPerMinute', 40, 'driver'],
  ['keyPerMinute', 500, 'key'],
  ['shopStoredKeysPerDay', 1_000, 'stored-keys'],
  ['driverStoredKeysPerDay', 1_000, 'stored-keys'],
  ['refusalsPerMinute', 1_000, 'refusals'],
] as const)(
  'of %s one part in %i would be too little',
  async (name, parts, policy) => {
    const { refused } = await play(HOUR_MS, { ...DEFAULTS, [name]: Math.floor(DEFAULTS[name] / parts) });
    expect(Object.keys(refused)).toEqual([policy]);
  },
  60_000,
);

async function play(ms: number, settings: LimitSettings): Promise<PlayedDay> {
  const time = openPlayedTime();
  const shopId = randomUUID();
  const stores = { availability: ageing(time), shops: { byId: async () => null } };
  const processes = Array.from({ length: PROCESSES }, () => openLimits(settings, stores, time));
  return playDay({ ms, drivers: DRIVERS, speed: SPEED }, { time, shopId, processes });
}

/** `KEYS[1]`: a token bucket, `left:atMs`; made older by `ARGV[1]` ms. */
const AGE = `
local left, at = string.match(redis.call('GET', KEYS[1]) or '', '^(.+):(%d+)$')
if left then redis.call('SET', KEYS[1], string.format('%s:%.0f', left, at - ARGV[1]), 'KEEPTTL') end`;

/** Redis counts by its own clock, of which hardly any passes here: what it knows is made as old as it would be. */
function ageing(time: PlayedTime): Pick<Availability, 'spend'> {
  const toldAtMs = new Map<string, number>();
  return {
    async spend(shopId: string, spent: readonly Spent[]) {
      const pipeline = redis.pipeline();
      for (const { name } of spent) {
        const key = `${shopKeys(shopId, prefix).bucketPrefix}${name}`;
        pipeline.eval(AGE, 1, key, time.nowMs() - (toldAtMs.get(key) ?? time.nowMs()));
        toldAtMs.set(key, time.nowMs());
      }
      await pipeline.exec();
      return availability.spend(shopId, spent);
    },
  };
}
