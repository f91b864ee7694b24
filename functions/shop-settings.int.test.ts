import { describe, expect, test } from 'vitest';
import { selectShop } from '#shared/db/statements/shops.ts';
import { DISPATCH_DEFAULTS, dispatchSettingsOf, shownDispatchSettings } from '#shared/dispatch/settings-of-shop.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, key, rowCounts } from '#shared/testing/asking-shop.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const defaults = shownDispatchSettings(DISPATCH_DEFAULTS);
const path = () => `/v1/shops/${given.shop.shopId}`;
const operator = { kind: 'operator' } as const;
const change = (dispatch: object, as?: ShopPrincipal | typeof operator) =>
  ask('PATCH', path(), { body: { dispatch }, ...(as && { as }) });

test('a shop that has chosen nothing has all settings, and the policy that plans', async () => {
  expect(await ask('GET', path())).toMatchObject({
    status: 200,
    body: { id: given.shop.shopId, policy: 'planned', maxRadiusM: 10_000, dispatch: defaults },
  });
});

test('what is named is changed, the rest stays; the next plan goes by it', async () => {
  const shopId = given.shop.shopId;
  await given.deps.shops.byId(shopId);
  const first = await change({ economy: 0.5, maxAboardS: 1_800, bundle: 'none' });
  expect(first).toMatchObject({
    status: 200,
    body: { dispatch: { ...defaults, economy: 0.5, maxAboardS: 1_800, bundle: 'none' } },
  });
  const second = await change({ policy: 'nearest', maxRadiusM: 500, maxAboardS: null }, operator);
  const settings = { ...defaults, policy: 'nearest', maxRadiusM: 500, economy: 0.5, bundle: 'none' };
  expect(second.body).toMatchObject({ policy: 'nearest', maxRadiusM: 500, dispatch: settings });
  expect((await ask('GET', path())).body).toEqual(second.body);
  const [stored, remembered] = await Promise.all([selectShop(given.deps.db, shopId), given.deps.shops.byId(shopId)]);
  expect(stored!.dispatch).toEqual({ economy: 0.5, bundle: 'none', maxAboardS: null });
  expect(dispatchSettingsOf(remembered!)).toEqual({ ...settings, maxAboardS: Number.POSITIVE_INFINITY });
});

test('a shop is made with the settings that are wanted', async () => {
  const made = (body: object, slug: string) =>
    ask('POST', '/v1/shops', { body: { slug, name: slug, ...body }, as: operator });
  expect((await made({}, 'plain')).body).toMatchObject({ policy: 'planned', dispatch: defaults });
  expect((await made({ maxRadiusM: 700 }, 'radius')).body.dispatch).toEqual({ ...defaults, maxRadiusM: 700 });
  const chosen = { policy: 'nearest', maxRadiusM: 800, promiseS: 600 };
  expect((await made({ maxRadiusM: 700, dispatch: chosen }, 'chosen')).body).toMatchObject({
    policy: 'nearest',
    maxRadiusM: 800,
    dispatch: { ...defaults, ...chosen },
  });
});

test('the same request under its key is answered with the same bytes, whatever has changed since', async () => {
  const asked = { body: { dispatch: { economy: 1 } }, ...key('economy') };
  const first = await ask('PATCH', path(), asked);
  await change({ economy: 0 });
  const again = await ask('PATCH', path(), asked);
  expect(again.text).toBe(first.text);
  expect((await ask('GET', path())).body.dispatch.economy).toBe(0);
});

describe('who may ask', () => {
  test('another shop’s settings are unknown; a driver has none; who only reads changes nothing', async () => {
    const stranger: ShopPrincipal = { ...given.shop, shopId: await buildShop(given.deps.db) };
    const reader: ShopPrincipal = { ...given.shop, scopes: ['read'] };
    const driver = await driverAt();
    const counts = await rowCounts(given.deps.db);
    const tries = [
      [stranger, 404, 404],
      [reader, 200, 403],
      [driver, 403, 403],
      [null, 401, 401],
    ] as const;
    for (const [as, read, write] of tries) {
      expect((await ask('GET', path(), { as })).status).toBe(read);
      expect((await ask('PATCH', path(), { body: { dispatch: { economy: 1 } }, as })).status).toBe(write);
    }
    expect(await rowCounts(given.deps.db)).toEqual(counts);
    expect((await ask('GET', path())).body.dispatch).toEqual(defaults);
  });

  test('a shop that is not there is 404 to the operator too', async () => {
    const nobody = '/v1/shops/0199f0a0-0000-7000-8000-000000000001';
    expect((await ask('GET', nobody, { as: operator })).status).toBe(404);
    expect((await ask('PATCH', nobody, { body: { dispatch: { economy: 1 } }, as: operator })).status).toBe(404);
  });
});

test('nonsense has no effect, and each wrong value its place', async () => {
  const answer = await change({ economy: 2, policy: 'best', tellAheadS: -1, fairness: 1 });
  expect(answer.status).toBe(422);
  const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
  expect(pointers).toEqual(['/dispatch/policy', '/dispatch/tellAheadS', '/dispatch/economy']);
  expect((await ask('GET', path())).body.dispatch).toEqual(defaults);
});

test('the webhook hears of moved times where it asks for it', async () => {
  const url = 'https://shop.example/hook';
  const plain = await ask('PUT', `${path()}/webhook`, { body: { url } });
  expect(plain.body.webhook).toEqual({
    url,
    inTransit: false,
    etaChanged: false,
    offers: false,
    ratings: false,
    disabledAt: null,
  });
  const asked = await ask('PUT', `${path()}/webhook`, { body: { url, etaChanged: true } });
  expect(asked.body.webhook).toMatchObject({ etaChanged: true });
});
