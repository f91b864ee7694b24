import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DependencyAway } from '#shared/domain/away.ts';
import { SILENT_AFTER_S } from '#shared/domain/driver.ts';
import type { Position } from '#shared/domain/geo.ts';
import { testRedis } from '#shared/testing/stores.ts';
import { availabilityContract } from './availability.contract.ts';
import { shopKeys } from './keys.ts';
import { openAvailability } from './open-availability.ts';
import { script } from './script.ts';
import { SCRIPTS } from './scripts.ts';
import { at, projection, type Subject } from './trial.contract.ts';

const CENTER = at(0);
const SILENT_AFTER_MS = SILENT_AFTER_S * 1_000;
const raws: Redis[] = [];
let opened: Subject[] = [];

/** Longer than the service waits: a busy machine must not look like a Redis that is away (redis-away.int.test.ts). */
const PATIENCE_MS = 5_000;

async function openReal(): Promise<Subject & { raw: Redis; prefix: string }> {
  const { url, prefix } = testRedis();
  const raw = new Redis(url);
  raws.push(raw);
  const subject = {
    raw,
    prefix,
    availability: openAvailability({ url, prefix, commandTimeoutMs: PATIENCE_MS }),
    silence: async (shopId: string, driverIds: readonly string[]) => {
      await raw.del(driverIds.map(shopKeys(shopId, prefix).online));
    },
    flush: async (shopId: string) => {
      const keys = await raw.keys(`${prefix}*{${shopId}}*`);
      await raw.del(keys);
    },
  };
  return subject;
}

availabilityContract('Redis', openReal);

describe('Redis alone', () => {
  let subject: Awaited<ReturnType<typeof openReal>>;
  let shop: string;
  beforeEach(async () => {
    subject = await openReal();
    opened.push(subject);
    shop = randomUUID();
    await subject.availability.markWarm(shop);
  });
  afterEach(async () => {
    for (const { availability } of opened) await availability.close();
    for (const raw of raws.splice(0)) raw.disconnect();
    opened = [];
  });
  const search = (limit: number, exclude: string[] = []) =>
    subject.availability.search(shop, { center: CENTER, radiusM: 5_000, limit, exclude });

  test('the heartbeat key is gone 60 s after the last contact, whoever tells of it', async () => {
    const { availability, raw, prefix } = subject;
    const ttl = (id: string) => raw.pttl(shopKeys(shop, prefix).online(id));
    await availability.project(shop, [projection('a', { seenAgeMs: 50_000 })]);
    expect(await ttl('a')).toBeLessThanOrEqual(10_000);
    for (const [version, seenAgeMs] of [
      [2, 30_000],
      [3, 55_000],
    ] as const) {
      await availability.project(shop, [projection('a', { version, seenAgeMs, position: at(3) })]);
      expect(await ttl('a')).toBeLessThanOrEqual(30_000);
      expect(await ttl('a')).toBeGreaterThan(25_000);
    }
    await availability.heartbeat(shop, [{ driverId: 'a' }]);
    expect(await ttl('a')).toBeGreaterThan(55_000);
    await availability.locate(shop, [{ driverId: 'a', recordedAtMs: 1, position: CENTER }]);
    expect(await ttl('a')).toBeLessThanOrEqual(SILENT_AFTER_MS);
  });

  test('a call that lay in the network for a minute is bounded by the time that Redis showed before', async () => {
    const { availability, raw, prefix } = subject;
    const keys = shopKeys(shop, prefix);
    await availability.project(shop, [projection('a', { seenAgeMs: null }), projection('b', { seenAgeMs: null })]);
    const lay = (asOfMs: number) => [0, asOfMs, SILENT_AFTER_MS];
    const lateMs = Date.now() - SILENT_AFTER_MS;
    const columns = [['a'], ['now'], ['1'], [0]].map((column) => JSON.stringify(column));
    await script(SCRIPTS.locate)(raw, keys, [...lay(lateMs), ...columns]);
    await script(SCRIPTS.heartbeat)(raw, keys, [...lay(lateMs), 'b', 0]);
    expect(await availability.lastPositions(shop, ['a', 'b'])).toEqual([null, null]);
    // A sender whose reckoning is ahead is bounded by Redis's own clock.
    await script(SCRIPTS.heartbeat)(raw, keys, [...lay(Date.now() + 3_600_000), 'b', 0]);
    expect(await raw.pttl(keys.online('b'))).toBeLessThanOrEqual(SILENT_AFTER_MS);
  });

  test('after how long a driver is silent is what the caller says: the scripts have no number of their own', async () => {
    const { availability, raw, prefix } = subject;
    const keys = shopKeys(shop, prefix);
    const aged = [0, '', 10 * SILENT_AFTER_MS];
    const columns = [['a'], ['now'], ['1'], [0]].map((column) => JSON.stringify(column));
    await availability.project(shop, [projection('a', { seenAgeMs: null }), projection('b', { seenAgeMs: null })]);
    await script(SCRIPTS.locate)(raw, keys, [...aged, ...columns]);
    await script(SCRIPTS.heartbeat)(raw, keys, [...aged, 'b', 0]);
    const projected = ['c', 1, 'A', 0, '1', 5 * SILENT_AFTER_MS, 'd', 1, 'A', 0, '1', 10 * SILENT_AFTER_MS];
    await script(SCRIPTS.project)(raw, keys, [...aged, ...projected]);
    for (const id of ['a', 'b', 'c']) expect(await raw.pttl(keys.online(id)), id).toBeGreaterThan(SILENT_AFTER_MS);
    expect(await raw.pttl(keys.online('d'))).toBe(-2);
  });

  test('the turn of a teller who died is free within 3 s, after the last page it is nobody’s for 7 s', async () => {
    const { availability, raw, prefix } = subject;
    const keys = shopKeys(shop, prefix);
    await availability.unsaved(shop, '0');
    expect(await availability.unsaved(shop, '0')).toBeNull();
    await expect.poll(() => availability.unsaved(shop, '0'), { timeout: 3_500 }).not.toBeNull();
    await availability.saved(shop, [], true);
    const lives = [await raw.pttl(keys.saving), await raw.pttl(keys.saved)];
    expect(lives.map((ms) => Math.ceil(ms / 1_000))).toEqual([7, 30]);
  });

  test('1,200 drivers heard of come page by page', async () => {
    const ids = Array.from({ length: 1_200 }, (_, i) => `d${i}`);
    await fill(1_200, 0);
    await subject.availability.heartbeat(
      shop,
      ids.map((driverId) => ({ driverId })),
    );
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const page = await subject.availability.unsaved(shop, cursor);
      if (page === null) throw new Error('not our turn');
      for (const { driverId } of page.heard) seen.add(driverId);
      cursor = page.cursor;
      await subject.availability.saved(shop, page.heard, cursor === '0');
    } while (cursor !== '0');
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(await subject.availability.unsaved(shop, '0', true)).toMatchObject({ heard: [] });
  });

  test('a member that is not AVAILABLE in the hash is never found, and is removed', async () => {
    const { availability, raw, prefix } = subject;
    const keys = shopKeys(shop, prefix);
    await availability.project(shop, [projection('busy', { status: 'BUSY' }), projection('a')]);
    await availability.heartbeat(shop, [{ driverId: 'busy' }]);
    await raw.geoadd(keys.geo, CENTER.lon, CENTER.lat, 'busy', CENTER.lon, CENTER.lat, 'ghost');
    expect(await search(5)).toMatchObject([{ driverId: 'a' }]);
    expect(await raw.zrange(keys.geo, '0', '-1')).toEqual(['a']);
  });

  test('5,000 silent phones at one point do not hide a live one behind them', async () => {
    const { availability, raw, prefix } = subject;
    await fill(5_000, 0);
    const online = await raw.keys(`${shopKeys(shop, prefix).onlinePrefix.replace(/[{}]/g, '?')}*`);
    expect(online).toHaveLength(5_000);
    await raw.del(online);
    await availability.project(shop, [projection('live', { position: at(100) })]);
    expect(await search(3)).toMatchObject([{ driverId: 'live' }]);
    expect(await raw.zcard(shopKeys(shop, prefix).geo)).toBe(1);
  });

  test('10,000 live drivers at one point: as many as asked for, and the excluded not among them', async () => {
    await fill(10_000, 20);
    const first = await search(10);
    if (first === 'COLD') throw new Error('cold');
    expect(new Set(first.map(({ driverId }) => driverId)).size).toBe(10);
    const next = await search(
      10,
      first.map(({ driverId }) => driverId),
    );
    if (next === 'COLD') throw new Error('cold');
    expect(new Set([...first, ...next].map(({ driverId }) => driverId)).size).toBe(20);
  });

  test('positions come back to the last bit', async () => {
    const positions = [at(0), at(1_234), at(-2_500)];
    await subject.availability.project(
      shop,
      positions.map((position, i) => projection(`d${i}`, { position })),
    );
    const found = await search(3);
    expect(found).toEqual([0, 1, 2].map((i) => ({ driverId: `d${i}`, position: positions[i], idleSinceMs: 7 })));
  });

  test('scripts unknown to Redis (a restart, SCRIPT FLUSH) are sent again', async () => {
    await subject.raw.script('FLUSH');
    const calls = Array.from({ length: 20 }, () => subject.availability.heartbeat(shop, [{ driverId: 'a' }]));
    expect(new Set((await Promise.all(calls)).flat().map(({ outcome }) => outcome))).toEqual(new Set(['MISS']));
    expect(subject.availability.breakerState()).toBe('closed');
  });

  test('many large batches at once wait their turn instead of timing out', async () => {
    await fill(500, 0);
    // All of it takes longer than this, one batch far less.
    const { url, prefix } = { ...testRedis(), prefix: subject.prefix };
    const availability = openAvailability({ url, prefix, commandTimeoutMs: 400 });
    await availability.ping();
    const fixes = Array.from({ length: 500 }, (_, i) => ({ driverId: `d${i}`, recordedAtMs: 1, position: CENTER }));
    const replies = await Promise.all(Array.from({ length: 100 }, () => availability.locate(shop, fixes)));
    expect(new Set(replies.flat().map(({ outcome }) => outcome))).toEqual(new Set(['OK']));
    expect(availability.breakerState()).toBe('closed');
    await availability.close();
  });

  test('asked by many at once, each has answers of their own, and a wrong fix harms nobody else', async () => {
    const { availability } = subject;
    await availability.project(shop, [projection('a'), projection('b')]);
    const nowMs = Date.now();
    const fix = (driverId: string, recordedAtMs: number, position: Position) => ({ driverId, recordedAtMs, position });
    const asked = await Promise.allSettled([
      availability.locate(shop, [fix('a', nowMs, at(100)), fix('x', nowMs, CENTER)]),
      availability.locate(shop, [fix('a', nowMs, { lat: 91, lon: 0 })]),
      availability.locate(shop, [fix('a "b"\n', nowMs, CENTER)]),
      availability.locate(shop, [fix('a', nowMs + 1, at(200))]),
      availability.locate(randomUUID(), [fix('b', nowMs, CENTER)]),
      availability.locate(shop, [fix('b', nowMs, at(300))]),
      availability.heartbeat(shop, [{ driverId: 'b' }, { driverId: 'x' }]),
      availability.heartbeat(shop, [{ driverId: 'a' }]),
    ]);
    const told = asked.map((one) => (one.status === 'fulfilled' ? one.value.map(({ outcome }) => outcome) : 'refused'));
    // The older fix of the same turn is answered by the newer one's standing.
    expect(told).toEqual([['OLD', 'MISS'], 'refused', ['MISS'], ['OK'], ['MISS'], ['OK'], ['OK', 'MISS'], ['OK']]);
    expect(await availability.lastPositions(shop, ['a', 'b'])).toMatchObject([
      { position: at(200), recordedAtMs: nowMs + 1 },
      { position: at(300) },
    ]);
  });

  test("the caller's mistakes are not taken for Redis being away", async () => {
    const { availability } = subject;
    const wrong = { driverId: 'a', recordedAtMs: 1, position: { lat: 91, lon: 0 } };
    for (let i = 0; i < 6; i += 1) {
      await expect(availability.locate(shop, [wrong])).rejects.toThrow(RangeError);
      await expect(availability.heartbeat('a}b', [{ driverId: 'a' }])).rejects.toThrow(RangeError);
    }
    expect(availability.breakerState()).toBe('closed');
  });

  test('a key of another kind in the way is reported as Redis being away', async () => {
    await subject.raw.set(shopKeys(shop, subject.prefix).status, 'not a hash');
    await expect(search(1)).resolves.toEqual([]);
    await expect(subject.availability.heartbeat(shop, [{ driverId: 'a' }])).rejects.toThrow(DependencyAway);
  });

  async function fill(count: number, metres: number): Promise<void> {
    const all = Array.from({ length: count }, (_, i) => projection(`d${i}`, { position: at(metres) }));
    await subject.availability.project(shop, all);
  }
});
