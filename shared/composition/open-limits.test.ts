import { beforeEach, expect, test } from 'vitest';
import type { Spent } from '../availability/availability.ts';
import type { ShopRow } from '../db/schema.ts';
import type { Limits } from '../http/limits.ts';
import type { DriverPrincipal, ShopPrincipal } from '../http/principal.ts';
import { openLimits } from './open-limits.ts';

const SETTINGS = {
  keyPerMinute: 60,
  driverPerMinute: 6,
  shopPerMinute: 90,
  refusalsPerMinute: 3,
  shopStoredKeysPerDay: 4,
  driverStoredKeysPerDay: 1,
  streamsPerKey: 2,
  streamsPerShop: 3,
};
const key = (keyId: string, shopId = 's'): ShopPrincipal => ({ kind: 'shop', shopId, keyId, scopes: ['read'] });
const driver = (driverId: string): DriverPrincipal => ({ kind: 'driver', shopId: 's', driverId });

let now: number;
let own: Record<string, number>;
let told: { shopId: string; spent: readonly Spent[] }[];
let answer: (spent: readonly Spent[]) => Promise<readonly number[]>;
let limits: Limits;
let due: { ms: number; run: () => Promise<void> }[];

beforeEach(() => {
  now = 0;
  own = {};
  told = [];
  due = [];
  answer = async (spent) => spent.map(({ quota }) => quota);
  limits = openLimits(
    SETTINGS,
    {
      availability: {
        spend: (shopId, spent) => {
          told.push({ shopId, spent });
          return answer(spent);
        },
      },
      shops: { byId: async () => ({ limits: own }) as unknown as ShopRow },
    },
    { nowMs: () => now, later: (ms, run) => void due.push({ ms, run }) },
  );
});
/** What was to be done later is done. @returns how much later that was meant to be */
const runDue = () => Promise.all(due.splice(0).map(async ({ ms, run }) => run().then(() => ms)));
const left = (points = 1, who = key('k')) => limits.spend(who, points)?.left;

test('a key may ask as much as its quota, and again as time passes', () => {
  expect(left(59)).toBe(1);
  expect(left()).toBe(0);
  expect(limits.spend(key('k'), 1)).toEqual({ policy: 'key', quota: 60, windowS: 60, left: -1 });
  now = 1_000;
  expect(left()).toBe(0);
});

test('who is refused is not made to wait longer by asking again', () => {
  left(60);
  for (let n = 0; n < 100; n += 1) left();
  now = 1_000;
  expect(left()).toBe(0);
});

test('another key, a driver and another shop have quotas of their own; all of one shop have one together', () => {
  left(60);
  expect(left(1, key('k2'))).toBeGreaterThanOrEqual(0);
  expect(limits.spend(driver('d'), 6)).toMatchObject({ policy: 'driver', left: 0 });
  expect(limits.spend(driver('d'), 1)).toMatchObject({ policy: 'driver', left: -1 });
  expect(limits.spend(key('k2'), 40)).toMatchObject({ policy: 'shop', left: -17 });
  expect(left(60, key('k', 'other'))).toBe(0);
});

test('kept results have a quota of their own', () => {
  expect([1, 2, 3, 4, 5].map(() => limits.spendStoredKey(key('k'))?.left)).toEqual([3, 2, 1, 0, -1]);
  expect(limits.spendStoredKey(driver('d'))).toMatchObject({ policy: 'stored-keys', left: 0 });
  expect(limits.spendStoredKey(driver('d'))).toMatchObject({ left: -1 });
});

test('an address that was refused too often is out until time has passed; an unknown one never is', () => {
  for (let n = 0; n < 3; n += 1) {
    expect(limits.outOfRefusals('a')).toBeNull();
    limits.noteRefusal('a');
    limits.noteRefusal(null);
  }
  expect(limits.outOfRefusals('a')).toMatchObject({ policy: 'refusals' });
  expect([limits.outOfRefusals('b'), limits.outOfRefusals(null)]).toEqual([null, null]);
  now = 20_000;
  expect(limits.outOfRefusals('a')).toBeNull();
});

test('what the operator set for a shop holds a moment after it was asked for', async () => {
  own = { keyPerMinute: 10, streamsPerShop: 1 };
  left(0);
  await Promise.resolve();
  expect(limits.spend(key('k'), 11)).toMatchObject({ quota: 10, left: -1 });
  expect(limits.streams('s')).toEqual({ perKey: 2, perShop: 1 });
});

test('0 is no limit', () => {
  limits = openLimits(
    { ...SETTINGS, keyPerMinute: 0, shopPerMinute: 0 },
    { availability: null, shops: { byId: async () => null } },
  );
  expect(left(1_000_000)).toBeUndefined();
});

test('other processes are told of a caller who uses more than a little, beside the requests; what is left is taken over', async () => {
  left(3);
  expect(due).toEqual([]);
  answer = async (spent) => spent.map(() => -5);
  left(7);
  expect(told).toEqual([]);
  expect(await runDue()).toEqual([250]);
  expect(told).toEqual([
    {
      shopId: 's',
      spent: [
        { name: 'key:k', quota: 60, windowS: 60, spent: 10 },
        { name: 'shop', quota: 90, windowS: 60, spent: 10 },
      ],
    },
  ]);
  expect(left()).toBe(-6);
  expect(due).toEqual([]);
});

test('without Redis a process goes by what it knows', async () => {
  answer = async () => {
    throw new Error('away');
  };
  left(10);
  await runDue();
  expect(left()).toBe(49);
});

test('a tracking link may be looked at four times a second, whoever has it; what is no link is not counted', () => {
  const looks = (deliveryId: string | null, times: number) =>
    Array.from({ length: times }, () => limits.spendLink(deliveryId)?.left ?? 0).filter((left) => left >= 0).length;
  expect(looks('a', 300)).toBe(240);
  expect(looks('b', 1)).toBe(1);
  expect(looks(null, 300)).toBe(300);
  now = 1_000;
  expect(looks('a', 10)).toBe(4);
});
