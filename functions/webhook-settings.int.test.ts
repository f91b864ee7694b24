import { expect, test } from 'vitest';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { givenAskingShop } from '#shared/testing/asking-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const SECRETS = [`whsec_${'A'.repeat(32)}`];
/** As an installation that is no test has it. */
const strictly = endpoints.map((each) => ({
  ...each,
  run: (request: never, principal: never, deps: ServiceDeps) =>
    each.run(request, principal, { ...deps, webhooks: { allowPrivate: false } }),
}));
const strict = givenAskingShop(strictly as unknown as typeof endpoints);

async function set(of: typeof given, body: object) {
  const { status, body: answer } = await of.ask('PUT', `/v1/shops/${of.shop.shopId}/webhook`, { body });
  return [status, ...(answer.errors ?? []).map(({ pointer }: { pointer: string }) => pointer)];
}

test('https and a secret, unless the shop insists', async () => {
  const [https, http] = ['https://shop.example/hook', 'http://shop.example/hook'];
  expect(await set(strict, { url: https, secrets: SECRETS })).toEqual([200]);
  expect(await set(strict, { url: https, staticSecret: 'a static secret, 16+' })).toEqual([200]);
  expect(await set(strict, { url: null })).toEqual([200]);
  expect(await set(strict, { url: http, secrets: SECRETS })).toEqual([422, '/url']);
  expect(await set(strict, { url: https })).toEqual([422, '/secrets']);
  expect(await set(strict, { url: http })).toEqual([422, '/url', '/secrets']);
  expect(await set(strict, { url: http, insecure: true })).toEqual([200]);
  expect(await set(given, { url: http })).toEqual([200]);
});

test('a static secret is what a header can carry', async () => {
  for (const staticSecret of ['a\nb', 'gr\u00fcn', ''])
    expect((await set(given, { url: 'https://shop.example/hook', staticSecret })).slice(0, 2)).toEqual([
      422,
      '/staticSecret',
    ]);
  expect(await set(given, { url: 'https://shop.example/hook', staticSecret: 'a b' })).toEqual([200]);
});

test('the answer that is kept under a key says no secret', async () => {
  const headers = { 'idempotency-key': 'set' };
  const body = { url: 'https://shop.example/hook', secrets: SECRETS, staticSecret: 'a static secret' };
  await given.ask('PUT', `/v1/shops/${given.shop.shopId}/webhook`, { body, headers });
  const kept = await given.deps.db.run<{ result: unknown }>(
    `SELECT result FROM dispatch.kept_result WHERE digest = dispatch.digest('shop:' || $1 || ' set')`,
    [given.shop.shopId],
  );
  expect(kept).toHaveLength(1);
  expect(JSON.stringify(kept)).not.toMatch(/secret|whsec/);
});
