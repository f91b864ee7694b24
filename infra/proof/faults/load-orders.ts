import { setTimeout as pause } from 'node:timers/promises';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import type { Wish } from './ask.ts';
import type { Actor } from './load.ts';
import { asShop } from './load-dispatch.ts';
import { windows } from './load-times.ts';
import { near, PHONE } from './world.ts';

const BURST = 20;

function nextOrder({ shop, board }: Actor): string {
  board.orders += 1;
  return `ORDER-${shop.slug}-${board.orders}`;
}

function webhook(actor: Actor, orderRef: string, body: Record<string, unknown>, secret = actor.shop.secret): Wish {
  const id = actor.nextKey();
  const text = JSON.stringify({ sellerOrderId: orderRef, ...body });
  const headers = signatureHeaders({ id, timestampS: Math.floor(Date.now() / 1000), body: text, secrets: [secret] });
  const kind = body.type === 'delivery.cancelled' ? 'cancel_order' : 'order';
  const path = `/v1/webhooks/vendure/${actor.shop.slug}`;
  return { kind, shop: actor.shop.slug, method: 'POST', path, headers: { ...headers }, body: text, key: id, orderRef };
}

export function requested({ shop, random }: Actor) {
  const { pickup, dropoff } = windows(random);
  return {
    type: 'delivery.requested',
    pickup: { ...near(shop.center, random), ...pickup },
    dropoff: { ...near(shop.center, random), phone: PHONE, ...dropoff },
    size: random.pick([1, 1, 1, 1, 2, 3]),
    ...(random.chance(0.15) && { requires: ['cold'] }),
    ...(random.chance(0.05) && { hardWindows: true }),
  };
}

/**
 * An order as a shop's webhook: once, or the same message twenty times at once, or the same order in other messages.
 * A few are unsigned, or signed by somebody else, and must leave nothing.
 */
export async function orderByWebhook(actor: Actor): Promise<void> {
  const { ask, random, worker } = actor;
  const orderRef = nextOrder(actor);
  const body = requested(actor);
  if (random.chance(0.06)) {
    const forged: Wish = { ...webhook(actor, orderRef, body, actor.neighbour.secret), kind: 'forged' };
    return void (await ask.settle(forged, worker()));
  }
  const message = webhook(actor, orderRef, body);
  const copies = random.chance(0.08) ? BURST : random.chance(0.2) ? 2 : 1;
  await Promise.all(Array.from({ length: copies }, () => ask.settle(message, worker())));
  if (random.chance(0.1)) await ask.settle(webhook(actor, orderRef, body), worker());
}

/** As the original's shop tells of an order: by its secret alone, without an id of the message. Some are told twice. */
export async function orderByOriginalHook(actor: Actor): Promise<void> {
  const { ask, random, shop, worker } = actor;
  const orderRef = nextOrder(actor);
  const stops = { pickup: { stockLocationId: 3, ...near(shop.center, random) }, drop: near(shop.center, random) };
  const envelope = random.chance(0.5) && {
    event: 'SELLER_ORDER_READY_FOR_DISPATCH_V1',
    version: 1,
    timestamp: new Date().toISOString(),
  };
  const wish: Wish = {
    kind: 'order',
    shop: shop.slug,
    method: 'POST',
    path: `/v1/webhooks/vendure/${shop.slug}`,
    headers: { 'x-webhook-secret': shop.hookSecret },
    body: { ...envelope, sellerOrderId: orderRef, channelId: 1, ...stops },
    orderRef,
  };
  await Promise.all(Array.from({ length: random.chance(0.3) ? 2 : 1 }, () => ask.settle(wish, worker())));
}

/** What the shop's endpoint has not taken is to be sent again, at once. */
export async function redeliver(actor: Actor): Promise<void> {
  const { ask, shop, worker } = actor;
  const path = `/v1/shops/${shop.id}/webhook`;
  await ask.settle(asShop(actor, 'list', { method: 'GET', path: `${path}/failures` }), worker());
  await ask.settle(asShop(actor, 'redeliver', { method: 'POST', path: `${path}/replay`, body: {} }), worker());
}

/** An order that is cancelled again: after it, before it, or at the same time. */
export async function cancelAndOvertake(actor: Actor): Promise<void> {
  const { ask, random, worker } = actor;
  const orderRef = nextOrder(actor);
  const wishes = [webhook(actor, orderRef, requested(actor)), webhook(actor, orderRef, { type: 'delivery.cancelled' })];
  if (random.chance(0.5)) wishes.reverse();
  const together = random.chance(0.4);
  const sent = wishes.map(async (wish, place) => {
    if (!together) await pause(place * 120);
    await ask.settle(wish, worker());
  });
  await Promise.all(sent);
}

/** A delivery created over REST; its key stands in its notes, so that a second one under the key is seen. */
export async function createDirectly(actor: Actor): Promise<void> {
  const { ask, shop, board, random, nextKey, worker } = actor;
  const key = nextKey();
  const { type: _type, ...places } = requested(actor);
  const wish: Wish = {
    kind: 'create',
    shop: shop.slug,
    method: 'POST',
    path: '/v1/deliveries',
    headers: { authorization: `Bearer ${shop.key}` },
    body: { ...places, ...(random.chance(0.1) && { dropoff: { address: 'Unknown street 1' } }), notes: key },
    key,
  };
  const answers = random.chance(0.15)
    ? await Promise.all([ask.settle(wish, worker()), ask.settle(wish, worker()), ask.settle(wish, worker())])
    : [await ask.settle(wish, worker())];
  for (const shown of answers.flatMap((answer) => answer.deliveries)) note(board, shown);
  if (random.chance(0.1)) {
    await pause(random.between(500, 3_000));
    await ask.settle(wish, worker());
  }
}

function note(board: Actor['board'], shown: { id: string; status: string }): void {
  if (shown.status === 'ASSIGNED') board.active.set(shown.id, shown.status);
  if (shown.status === 'PENDING') board.pending.add(shown.id);
  board.known.push(shown.id);
}

/** What is not right must be refused, and leave nothing. */
export async function sendNonsense(actor: Actor): Promise<void> {
  const { ask, shop, random, nextKey, worker } = actor;
  const key = nextKey();
  const driver = random.pick(shop.drivers);
  const places = requested(actor);
  const bad: readonly Pick<Wish, 'method' | 'path' | 'body'>[] = [
    { method: 'POST', path: '/v1/deliveries', body: { ...places, pickup: { lat: 91, lon: 0 }, notes: key } },
    { method: 'POST', path: '/v1/deliveries', body: { pickup: places.pickup, notes: key } },
    { method: 'POST', path: '/v1/deliveries', body: `{"notes":"${key}","dropoff":` },
    { method: 'POST', path: '/v1/deliveries', body: `{"notes":"${key}","dropoff":{"lat":1e999,"lon":0}}` },
    { method: 'PUT', path: `/v1/drivers/${driver.id}/status`, body: { status: 'SLEEPING' } },
    { method: 'POST', path: `/v1/drivers/${driver.id}/location`, body: { lat: '52', lon: 13 } },
    { method: 'POST', path: '/v1/deliveries/not-an-id/cancel', body: {} },
  ];
  await ask.settle(
    { kind: 'bad', shop: shop.slug, headers: { authorization: `Bearer ${shop.key}` }, key, ...random.pick(bad) },
    worker(),
  );
}
