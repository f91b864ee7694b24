import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '#shared/testing/eventually.ts';
import { testRedis } from '#shared/testing/stores.ts';
import type { Availability } from './availability.ts';
import { openAvailability } from './open-availability.ts';

let one: Availability;
let other: Availability;

beforeAll(() => {
  const options = { ...testRedis(), commandTimeoutMs: 5_000 };
  one = openAvailability(options);
  other = openAvailability(options);
});
afterAll(() => Promise.all([one.close(), other.close()]));

const spent = (points: number, windowS = 3_600) => [{ name: 'key:k', quota: 100, windowS, spent: points }];

test('what two processes spend is counted together, for each shop and each name', async () => {
  const shop = randomUUID();
  expect(await one.spend(shop, spent(60))).toEqual([40]);
  expect(await other.spend(shop, spent(30))).toEqual([10]);
  expect(await one.spend(shop, [...spent(5), { name: 'shop', quota: 7, windowS: 3_600, spent: 1 }])).toEqual([5, 6]);
  expect(await one.spend(randomUUID(), spent(1))).toEqual([99]);
});

test('debts end at one quota, and a bucket fills again in its window', async () => {
  const shop = randomUUID();
  expect(await one.spend(shop, spent(1_000, 1))).toEqual([-100]);
  await eventually(async () => expect(await one.spend(shop, spent(0, 1))).toEqual([100]));
});
