import { expect, test } from 'vitest';
import { type Duty, openPositions, type Phone, type Sharing } from './positions.ts';

const MINUTE_MS = 60_000;
const M = 1 / 111_320;
const DENIED = { code: 1, PERMISSION_DENIED: 1 } as GeolocationPositionError;

interface Given {
  online?: () => boolean;
  /** Whether the page may know where it is. */
  allowed?: () => boolean;
  hasGeolocation?: boolean;
  accuracyM?: () => number;
}

/** A phone whose time runs by hand, a second at a time, with a satellite that gives a fix each second. */
function openPhone(given: Given = {}) {
  const { online = () => true, allowed = () => true, hasGeolocation = true, accuracyM = () => 12 } = given;
  let nowMs = Date.parse('2026-05-04T10:00:00Z');
  let lat = 52.5;
  const timers = new Set<{ ms: number; dueMs: number; work: () => void }>();
  const watchers = new Map<number, { take: PositionCallback; fail: PositionErrorCallback }>();
  const requests: { path: 'locations' | 'heartbeat'; atMs: number; fixes: number }[] = [];
  const shown: Sharing[] = [];
  let isToldDenied = false;
  const request = async (path: 'locations' | 'heartbeat', fixes: number) => {
    if (!online()) throw new Error('No connection');
    requests.push({ path, atMs: nowMs, fixes });
    return {};
  };
  const phone: Phone = {
    nowMs: () => nowMs,
    every(ms, work) {
      const timer = { ms, dueMs: nowMs + ms, work };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    geolocation: hasGeolocation
      ? {
          watchPosition(take, fail) {
            watchers.set(watchers.size + 1, { take, fail: fail! });
            return watchers.size;
          },
          clearWatch: (id) => void watchers.delete(id),
        }
      : undefined,
    send: (fixes) => request('locations', fixes.length),
    greet: () => request('heartbeat', 0),
    isForGood: () => false,
    readKept: () => [],
    keep() {},
  };
  const positions = openPositions(phone, (sharing) => shown.push(sharing));
  return {
    requests,
    shown,
    last: positions.last,
    async run(duty: Duty, { minutes, metresPerS }: { minutes: number; metresPerS: number }) {
      positions.set(duty);
      for (const end = nowMs + minutes * MINUTE_MS; nowMs < end; nowMs += 1_000) {
        lat += metresPerS * M;
        // A few metres of trembling, as a fix in a street has.
        const trembling = ((nowMs % 7_000) / 1_000) * M;
        const coords = { latitude: lat + trembling, longitude: 13.4, accuracy: accuracyM() } as GeolocationCoordinates;
        for (const { take, fail } of watchers.values()) {
          if (allowed()) take({ coords, timestamp: nowMs } as GeolocationPosition);
          // A browser says it once.
          else if (!isToldDenied) fail(DENIED);
          isToldDenied = !allowed();
        }
        for (const timer of timers) if (timer.dueMs <= nowMs) [timer.dueMs] = [nowMs + timer.ms, timer.work()];
        // What the requests answer is heard before the next second.
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
    },
  };
}

test('an hour of a shift: seldom while standing, in batches while moving, nothing off duty', async () => {
  const phone = openPhone();
  await phone.run('idle', { minutes: 20, metresPerS: 0 });
  const standing = phone.requests.splice(0);
  await phone.run('route', { minutes: 30, metresPerS: 8 });
  const moving = phone.requests.splice(0);
  await phone.run('off', { minutes: 10, metresPerS: 8 });
  expect(phone.requests).toEqual([]);
  expect(standing.length).toBeLessThanOrEqual(32);
  expect(standing.slice(1).every(({ path }) => path === 'heartbeat')).toBe(true);
  // Every four seconds, as it was, these were 450.
  expect(moving.length).toBeLessThanOrEqual(230);
  expect(moving.reduce((sum, { fixes }) => sum + fixes, 0)).toBeGreaterThan(400);
  const gaps = [...standing, ...moving].map(({ atMs }, nth, all) => atMs - (all[nth - 1]?.atMs ?? atMs));
  expect(Math.max(...gaps)).toBeLessThan(60_000);
  expect(phone.shown.at(-1)).toBe('off');
});

test('an order in hand is followed more closely than a driver who waits for one', async () => {
  const phone = openPhone();
  await phone.run('idle', { minutes: 10, metresPerS: 8 });
  const waiting = phone.requests.splice(0).length;
  await phone.run('route', { minutes: 10, metresPerS: 8 });
  expect(phone.requests.length).toBeGreaterThan(2 * waiting);
});

test('what could not be sent is sent in one batch when there is a connection again', async () => {
  let isOnline = false;
  const phone = openPhone({ online: () => isOnline });
  await phone.run('route', { minutes: 5, metresPerS: 8 });
  expect(phone.requests).toEqual([]);
  expect(phone.shown.at(-1)).toBe('offline');
  isOnline = true;
  await phone.run('route', { minutes: 1, metresPerS: 8 });
  expect(phone.requests[0]!.fixes).toBeGreaterThan(60);
  expect(phone.shown.at(-1)).toBe('sharing');
});

test('a permission that is taken back is said until there is a place again, whatever else arrives; the driver stays heard', async () => {
  let isAllowed = true;
  const phone = openPhone({ allowed: () => isAllowed });
  await phone.run('idle', { minutes: 2, metresPerS: 0 });
  expect(phone.shown.at(-1)).toBe('sharing');
  isAllowed = false;
  phone.requests.length = 0;
  phone.shown.length = 0;
  await phone.run('idle', { minutes: 5, metresPerS: 0 });
  expect(phone.requests.filter(({ path }) => path === 'heartbeat').length).toBeGreaterThan(5);
  expect(new Set(phone.shown)).toEqual(new Set(['denied']));
  isAllowed = true;
  await phone.run('idle', { minutes: 0.05, metresPerS: 0 });
  expect(phone.shown.at(-1)).toBe('sharing');
});

test('a phone that knows no places says so, and is heard all the same', async () => {
  const phone = openPhone({ hasGeolocation: false });
  await phone.run('route', { minutes: 5, metresPerS: 0 });
  expect(phone.requests.length).toBeGreaterThan(5);
  expect(new Set(phone.shown)).toEqual(new Set(['denied']));
});

test('where a step was taken is said only by a fix that is fresh, good, and of this time on duty', async () => {
  let [isAllowed, accuracyM] = [true, 12];
  const phone = openPhone({ allowed: () => isAllowed, accuracyM: () => accuracyM });
  expect(phone.last()).toBeNull();
  await phone.run('route', { minutes: 2, metresPerS: 8 });
  expect(phone.last()?.lon).toBe(13.4);
  isAllowed = false;
  await phone.run('route', { minutes: 0.5, metresPerS: 8 });
  expect(phone.last()).not.toBeNull();
  await phone.run('route', { minutes: 1, metresPerS: 8 });
  expect(phone.last()).toBeNull();
  isAllowed = true;
  accuracyM = 1_500;
  await phone.run('route', { minutes: 1, metresPerS: 8 });
  expect(phone.last()).toBeNull();
  accuracyM = 12;
  await phone.run('route', { minutes: 1, metresPerS: 8 });
  expect(phone.last()).not.toBeNull();
  await phone.run('off', { minutes: 0.05, metresPerS: 8 });
  expect(phone.last()).toBeNull();
});
