import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSender, type SenderDeps } from '#shared/flows/relay/send-events.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildShop } from '#shared/testing/builders.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { endpoints } from './server.ts';

let deps: TestDeps;
let shop: ShopPrincipal;
let ask: Ask;
let sent: string[];
let answer: 'delivered' | 'failed';

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = { kind: 'shop', shopId: await buildShop(deps.db), keyId: 'k', scopes: ['admin'] };
  ask = openAsk(endpoints, deps, shop);
  sent = [];
  answer = 'failed';
});

/** As the relay does; each try is due at once. */
async function send(): Promise<void> {
  const sender = openSender({
    ...deps,
    send: async ({ body }: { body: string | Uint8Array }) => {
      if (answer === 'delivered') sent.push(String(body));
      return { outcome: answer, detail: 'status 500' };
    },
    nowMs: Date.now,
    random01: () => 0.5,
    report: () => {},
  } as SenderDeps);
  await sender.begin();
  await sender.idle();
}
const failures = (query = '') => ask('GET', `/v1/shops/${shop.shopId}/webhook/failures${query}`);
const replay = (body?: object) => ask('POST', `/v1/shops/${shop.shopId}/webhook/replay`, { body });

test('what failed is listed page by page, and sent again with the same bytes when asked for', async () => {
  for (const n of [1, 2, 3]) await ask('POST', '/v1/deliveries', { body: { sellerOrderId: `o${n}`, dropoff: {} } });
  expect((await failures()).body).toEqual({ items: [], next: null });
  await send();
  await deps.db.run(
    `UPDATE dispatch.outbox_lane l SET parked_at = now(), due_at = NULL FROM dispatch.outbox o
     WHERE o.delivery_id = l.delivery_id AND o.shop_id = $1 AND o.body LIKE '%"o2"%'`,
    [shop.shopId],
  );

  const first = await failures('?limit=2');
  const second = await failures(`?limit=2&cursor=${first.body.next}`);
  const items = [...first.body.items, ...second.body.items];
  expect(items.map(({ state }) => state)).toEqual(['retrying', 'parked', 'retrying']);
  expect(items[1]).toMatchObject({
    event: 'DELIVERY_CREATED_V1',
    sequence: 1,
    attempts: 1,
    lastError: 'status 500',
    nextAttemptAt: null,
  });
  expect(second.body.next).toBeNull();

  answer = 'delivered';
  await send();
  expect(sent).toEqual([]);
  expect((await replay({ eventIds: [items[1].id] })).body).toEqual({ replayed: 1 });
  await send();
  expect(sent.map((body) => JSON.parse(body).sellerOrderId)).toEqual(['o2']);
  expect(JSON.parse(sent[0]!).id).toBe(items[1].id);
  expect((await replay()).body).toEqual({ replayed: 2 });
  await send();
  expect(sent).toHaveLength(3);
  expect((await failures()).body.items).toEqual([]);
});

test('only the shop itself and the operator see and replay them', async () => {
  await ask('POST', '/v1/deliveries', { body: { dropoff: {} } });
  await send();
  const stranger: ShopPrincipal = { ...shop, shopId: await buildShop(deps.db) };
  const path = `/v1/shops/${shop.shopId}/webhook`;
  expect((await ask('GET', `${path}/failures`, { as: stranger })).status).toBe(404);
  expect((await ask('POST', `${path}/replay`, { as: stranger, body: {} })).status).toBe(404);
  const operator = { kind: 'operator' } as const;
  expect((await ask('GET', `${path}/failures`, { as: operator })).body.items).toHaveLength(1);
  expect((await ask('POST', `${path}/replay`, { as: operator })).body).toEqual({ replayed: 1 });
  const driver = { kind: 'driver', shopId: shop.shopId, driverId: 'd' } as const;
  expect((await ask('POST', `${path}/replay`, { as: driver })).status).toBe(403);
  expect(
    (await ask('POST', '/v1/shops/0199f0a0-0000-7000-8000-000000000001/webhook/replay', { as: operator })).status,
  ).toBe(404);
});
