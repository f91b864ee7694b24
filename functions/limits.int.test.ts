import { expect, test } from 'vitest';
import { openLimits } from '#shared/composition/open-limits.ts';
import { openAsk } from '#shared/testing/ask.ts';
import { givenAskingShop, key } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { pages } from './api.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const operator = { kind: 'operator' } as const;
/** A clock in which nothing comes back. */
const STANDING = { nowMs: () => 0, later: () => {} };
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

test('who begins sessions with a key uses up what may be asked with it', async () => {
  const limits = openLimits({ ...NONE, keyPerMinute: 2 }, given.deps, STANDING);
  const ask = openAsk(pages as never, Object.assign({ limits }, given.deps), given.shop);
  await given.deps.db.run(
    `INSERT INTO dispatch.api_key (id, shop_id, name, secret_sha256, scopes) VALUES ($1, $2, 'k', 'x', '{admin}')`,
    [given.shop.keyId, given.shop.shopId],
  );
  const statuses = [];
  for (let n = 0; n < 3; n += 1) {
    statuses.push((await ask('POST', '/console/session', { body: { key: 'dk_k_secret' } })).status);
  }
  expect(statuses).toEqual([204, 204, 429]);
});

test('a driver’s position and heartbeat keep nothing: a key beside them is none of those that are counted', async () => {
  const driver = await given.driverAt();
  const limits = openLimits({ ...NONE, driverStoredKeysPerDay: 1 }, given.deps, STANDING);
  const ask = openAsk(endpoints, Object.assign({ limits }, given.deps), driver);
  const at = `/v1/drivers/${driver.driverId}`;
  for (const value of ['a', 'b']) {
    expect((await ask('POST', `${at}/location`, { body: HERE, ...key(value) })).status).toBe(200);
    expect((await ask('POST', `${at}/heartbeat`, key(value))).status).toBe(200);
  }
  const duty = (value: string) => ask('PUT', `${at}/status`, { body: { status: 'AVAILABLE' }, ...key(value) });
  expect([(await duty('c')).status, (await duty('d')).status]).toEqual([200, 429]);
});

test('a customer’s link may be looked at so often, whoever looks', async () => {
  const limits = openLimits(NONE, given.deps, STANDING);
  const ask = openAsk(endpoints, Object.assign({ limits }, given.deps), given.shop);
  const { body: order } = await ask('POST', '/v1/deliveries', { body: { pickup: HERE, dropoff: north(300) } });
  const { body: link } = await ask('GET', `/v1/deliveries/${order.id}/tracking`);
  const path = `/v1${link.path}`;
  expect((await ask('GET', path)).status).toBe(200);
  while ((limits.spendLink(order.id)?.left ?? 0) > 0);
  const refused = await ask('GET', path);
  expect([refused.status, refused.body['violated-policies']]).toEqual([429, ['link']]);
  expect((await ask('PUT', `${path}/rating`, { body: { stars: 5 } })).status).toBe(429);
});
