import { expect, test } from 'vitest';
import { openLimits } from '#shared/composition/open-limits.ts';
import { givenAskingShop } from '#shared/testing/asking-shop.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const operator = { kind: 'operator' } as const;
const NONE = {
  keyPerMinute: 0,
  driverPerMinute: 0,
  shopPerMinute: 0,
  refusalsPerMinute: 0,
  shopStoredKeysPerDay: 0,
  driverStoredKeysPerDay: 0,
  streamsPerKey: 0,
  streamsPerShop: 0,
};

test('the operator sets what a shop’s callers may ask; the shop sees it, and cannot set it', async () => {
  const path = `/v1/shops/${given.shop.shopId}/limits`;
  expect(await given.ask('GET', path)).toMatchObject({ status: 200, body: {} });
  expect((await given.ask('PUT', path, { body: { keyPerMinute: 5 } })).status).toBe(403);
  const set = await given.ask('PUT', path, { body: { keyPerMinute: 5, streamsPerShop: 2 }, as: operator });
  expect(set).toMatchObject({ status: 200, body: { keyPerMinute: 5, streamsPerShop: 2 } });
  expect((await given.ask('GET', path)).text).toBe(set.text);
  expect((await given.ask('PUT', path, { body: { keyPerMinute: -1 }, as: operator })).status).toBe(422);
  expect((await given.ask('PUT', path, { body: {}, as: operator })).body).toEqual({});
  const nobodys = '/v1/shops/0190b5a0-0000-7000-8000-000000000001/limits';
  expect((await given.ask('PUT', nobodys, { body: {}, as: operator })).status).toBe(404);
});

test('what was set holds in a process that knows the shop already', async () => {
  const { shopId } = given.shop;
  const limits = openLimits(NONE, given.deps);
  expect(limits.spend(given.shop, 1)).toBeNull();
  await given.ask('PUT', `/v1/shops/${shopId}/limits`, { body: { keyPerMinute: 5 }, as: operator });
  const anew = openLimits(NONE, given.deps);
  await eventually(() => expect(anew.spend(given.shop, 0)).toMatchObject({ policy: 'key', quota: 5 }));
});
