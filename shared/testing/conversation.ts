import { randomUUID } from 'node:crypto';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { HERE, north } from './builders.ts';
import { eventually } from './eventually.ts';
import type { LambdaAsk } from './lambda-event.ts';

/** What came back, as a client saw it. */
export type Heard = { status: number; headers: Readonly<Record<string, string>>; body: string };
export type Ask = (request: LambdaAsk) => Promise<Heard>;
/** One exchange of the conversation. */
export type Step = { name: string; heard: Heard };

type Who = string | null;
type Options = { headers?: Readonly<Record<string, string>>; raw?: string | Uint8Array };

const SECRET = `whsec_${Buffer.from('a secret for the tests, 24+').toString('base64')}`;
const STATIC_SECRET = 'a static secret, 16+';

export type Talk = {
  readonly steps: readonly Step[];
  /** @throws when the status is another than `expected`; @returns the answer's JSON */
  say(expected: number, who: Who, line: string, body?: unknown, options?: Options): Promise<Record<string, never>>;
  /** The same line again, word by word: @returns both answers */
  repeat(expected: number, who: Who, line: string, body: unknown): Promise<readonly [Heard, Heard]>;
  /** Asks until the answer's JSON is as said; what is heard meanwhile is no part of the conversation. */
  until(who: Who, line: string, isSo: (body: Record<string, unknown>) => boolean): Promise<void>;
};

/** @param line `METHOD /path` */
export function openTalk(ask: Ask): Talk {
  const steps: Step[] = [];
  const say: Talk['say'] = async (expected, who, line, body, { headers = {}, raw } = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const heard = await ask({
      method,
      path,
      headers: {
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(who !== null && { authorization: `Bearer ${who}` }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    steps.push({ name: `${steps.length} ${line} → ${expected}`, heard });
    if (heard.status !== expected) throw new Error(`${line}: ${heard.status}, not ${expected}: ${heard.body}`);
    return heard.body === '' ? {} : JSON.parse(heard.body);
  };
  const repeat: Talk['repeat'] = async (expected, who, line, body) => {
    const headers = { 'idempotency-key': randomUUID() };
    await say(expected, who, line, body, { headers });
    await say(expected, who, line, body, { headers });
    return [steps.at(-2)!.heard, steps.at(-1)!.heard];
  };
  const until: Talk['until'] = async (who, line, isSo) => {
    const [method = '', path = ''] = line.split(' ');
    const headers = who === null ? {} : { authorization: `Bearer ${who}` };
    await eventually(async () => isSo(JSON.parse((await ask({ method, path, headers })).body)));
  };
  return { steps, say, repeat, until };
}

/** The headers of a webhook signed by the shop. */
export function signed(body: unknown, id = `msg-${randomUUID()}`, secret = SECRET): Record<string, string> {
  const timestampS = Math.floor(Date.now() / 1000);
  return { ...signatureHeaders({ id, timestampS, body: JSON.stringify(body), secrets: [secret] }) };
}

export type Shop = { id: string; slug: string; key: string; readKey: string };

/** The operator makes a shop and its keys. */
export async function openShop({ say }: Talk, operator: string, slug: string): Promise<Shop> {
  const shop = await say(201, operator, 'POST /v1/shops', {
    slug,
    name: 'Shop',
    pickup: HERE,
    inboundSecrets: [SECRET],
    inboundStaticSecret: STATIC_SECRET,
  });
  const { key } = await say(201, operator, `POST /v1/shops/${shop.id}/keys`);
  const { key: readKey } = await say(201, operator, `POST /v1/shops/${shop.id}/keys`, { scopes: ['read'] });
  return { id: shop.id!, slug, key: key!, readKey: readKey! };
}

export type Driver = { id: string; token: string };

/** A driver registers, gets a token, reports for work and says where they are. */
export async function onDuty({ say }: Talk, shop: Shop, metresNorth: number): Promise<Driver> {
  const { id } = await say(201, shop.key, 'POST /v1/drivers', { name: 'Asha', phone: '+49 30 1', vehicle: 'bicycle' });
  const { token } = await say(201, shop.key, `POST /v1/drivers/${id}/tokens`);
  await say(200, token!, `PUT /v1/drivers/${id}/status`, { status: 'AVAILABLE' });
  await say(200, token!, `POST /v1/drivers/${id}/location`, { ...north(metresNorth), accuracyM: 8 });
  return { id: id!, token: token! };
}

const nearest = `GET /v1/drivers/nearest?lat=${HERE.lat}&lon=${HERE.lon}&radiusM=5000&limit=5`;

/** Two drivers, one order by signed webhook, its way to the door, the events. */
export async function deliverOne({ say }: Talk, shop: Shop, near: Driver, far: Driver): Promise<string> {
  await say(200, shop.readKey, nearest);
  const order = { type: 'delivery.requested', sellerOrderId: 'ORDER-1', pincode: '4711', dropoff: { ...north(900) } };
  const hook = `POST /v1/webhooks/vendure/${shop.slug}`;
  const proof = signed(order);
  const { deliveryId, status } = await say(202, null, hook, order, { headers: proof });
  if (status !== 'ASSIGNED') throw new Error(`The order is ${status}`);
  await say(202, null, hook, order, { headers: proof });
  await say(202, null, hook, order, { headers: signed(order) });
  await say(200, shop.readKey, nearest);
  const held = await say(200, near.token, `GET /v1/deliveries/${deliveryId}`);
  if (held.driverId !== near.id) throw new Error('Not the nearest driver has it');
  await say(404, far.token, `GET /v1/deliveries/${deliveryId}`);
  const move = `POST /v1/deliveries/${deliveryId}/status`;
  await say(200, near.token, move, { status: 'PICKED_UP', position: HERE, occurredAt: new Date().toISOString() });
  await say(200, near.token, move, { status: 'PICKED_UP' });
  await say(409, shop.key, `DELETE /v1/drivers/${near.id}`);
  await say(200, near.token, move, { status: 'IN_TRANSIT' });
  await say(409, near.token, move, { status: 'PICKED_UP' });
  const handedOver = { photoUrl: 'https://photos.example/1.jpg', receivedBy: 'Mrs Rao', note: 'at the door' };
  await say(422, near.token, move, { status: 'DELIVERED', proof: handedOver, pincode: '0000' });
  await say(200, near.token, move, { status: 'DELIVERED', proof: handedOver, pincode: '4711' });
  await say(409, shop.key, `POST /v1/deliveries/${deliveryId}/cancel`);
  await say(200, shop.readKey, `GET /v1/deliveries/${deliveryId}`);
  await say(200, shop.readKey, 'GET /v1/deliveries?status=DELIVERED&sellerOrderId=ORDER-1');
  await say(200, near.token, `GET /v1/drivers/${near.id}/status`);
  await say(200, shop.readKey, nearest);
  return deliveryId!;
}

/** Orders that take another way: without coordinates, named driver, unassigned, failed and returned, cancelled. */
export async function otherWays({ say, until }: Talk, shop: Shop, near: Driver, far: Driver): Promise<void> {
  const original = { sellerOrderId: 7, channelId: 1, pickup: { lat: 0, lon: 0 }, drop: {} };
  const bare = { 'x-webhook-secret': STATIC_SECRET };
  const waiting = await say(202, null, `POST /v1/webhooks/vendure/${shop.slug}`, original, { headers: bare });
  const change = { pickup: HERE, dropoff: north(400) };
  await say(200, shop.key, `PATCH /v1/deliveries/${waiting.deliveryId}`, change);
  // A server plans beside its requests, a Lambda within them.
  await until(shop.key, `GET /v1/deliveries/${waiting.deliveryId}`, ({ status }) => status === 'ASSIGNED');
  await say(200, shop.readKey, 'GET /v1/deliveries?limit=1');
  const parcel = await say(201, shop.key, 'POST /v1/deliveries', { sellerOrderId: 'B', dropoff: north(300) });
  await say(200, shop.key, 'POST /v1/deliveries', { sellerOrderId: 'B', dropoff: north(300) });
  await say(200, shop.key, `POST /v1/deliveries/${parcel.id}/unassign`, { reason: 'DRIVER_REJECTED' });
  // Whoever is left has the other order in hand, and room for one: it is planned for later.
  await until(shop.key, `GET /v1/deliveries/${parcel.id}`, ({ dispatch }) => dispatch === 'held');
  await say(200, shop.key, `POST /v1/deliveries/${parcel.id}/assign`, { driverId: far.id });
  await say(409, shop.key, `POST /v1/deliveries/${waiting.deliveryId}/assign`, { driverId: far.id });
  await say(200, shop.key, `PATCH /v1/deliveries/${parcel.id}`, { notes: 'ring twice' });
  await say(409, shop.key, `POST /v1/deliveries/${parcel.id}/redeliver`);
  const failed = { status: 'FAILED', failureCode: 'RECIPIENT_UNAVAILABLE', note: 'nobody there' };
  await say(200, far.token, `POST /v1/deliveries/${parcel.id}/status`, failed);
  await say(409, shop.key, `PATCH /v1/deliveries/${parcel.id}`, { notes: 'too late' });
  await say(200, far.token, `POST /v1/deliveries/${parcel.id}/status`, { status: 'RETURNED' });
  await say(200, shop.key, `POST /v1/deliveries/${parcel.id}/redeliver`, { note: 'They are at home now' });
  await until(shop.key, `GET /v1/deliveries/${parcel.id}`, ({ dispatch }) => dispatch === 'held');
  await say(200, shop.key, `POST /v1/deliveries/${parcel.id}/cancel`);
  const cancel = { type: 'delivery.cancelled', sellerOrderId: '7' };
  const hook = `POST /v1/webhooks/vendure/${shop.slug}`;
  await say(202, null, hook, cancel, { headers: signed(cancel) });
  await say(200, near.token, `POST /v1/drivers/${near.id}/heartbeat`);
  const batch = { fixes: [near, far].map(({ id }) => ({ driverId: id, ...north(50) })), details: true };
  await say(200, shop.key, 'POST /v1/locations', batch);
  await say(200, shop.key, `PATCH /v1/drivers/${far.id}`, { capacity: 2, vehicle: null });
  await say(200, shop.readKey, 'GET /v1/drivers?status=AVAILABLE');
  await say(204, shop.key, `DELETE /v1/drivers/${far.id}`);
  await say(200, shop.readKey, 'GET /v1/drivers?retired=true');
  await say(200, shop.readKey, nearest);
}

/** How the shop dispatches, and what would be if. */
export async function settingsAndPlans({ say }: Talk, shop: Shop): Promise<void> {
  await say(200, shop.key, `PATCH /v1/shops/${shop.id}`, { dispatch: { economy: 0.5, maxAboardS: 1_800 } });
  await say(200, shop.readKey, `GET /v1/shops/${shop.id}`);
  const now = '2026-11-22T14:00:00Z';
  const drivers = [{ id: 'Asha', position: HERE, capacity: 2 }];
  const delivery = { id: 'first', placedAt: now, pickup: HERE, dropoff: north(300) };
  await say(200, shop.readKey, 'POST /v1/plans', { now, drivers, deliveries: [delivery] });
  await say(422, shop.readKey, 'POST /v1/plans', { now, drivers, deliveries: [delivery, delivery] });
}

/** What each kind of bad request gets. None of it is stored. */
export async function badRequests(
  { say }: Talk,
  operator: string,
  shop: Shop,
  driver: Driver,
  other: Shop,
): Promise<void> {
  const drivers = 'POST /v1/drivers';
  const hook = `POST /v1/webhooks/vendure/${shop.slug}`;
  const order = { sellerOrderId: 'C', drop: {} };
  await say(400, shop.key, drivers, undefined, { raw: '{"name":' });
  await say(400, shop.key, drivers, undefined, { raw: new Uint8Array([0x22, 0xc3, 0x28, 0x22]) });
  for (const who of [null, 'nobody', 'dk_no_aaaaaaaaaaaaaaaaaaaa', 'a.b.c'])
    await say(401, who, drivers, { name: 'A' });
  await say(401, null, hook, order);
  await say(401, null, hook, order, { headers: signed(order, 'm', `whsec_${Buffer.alloc(32).toString('base64')}`) });
  await say(401, null, 'POST /v1/webhooks/vendure/nowhere', order, { headers: signed(order) });
  await say(401, null, 'POST /events/seller-order-ready', order, { headers: signed(order) });
  await say(403, shop.readKey, drivers, { name: 'A' });
  await say(403, driver.token, drivers, { name: 'A' });
  await say(403, operator, drivers, { name: 'A' });
  await say(403, shop.key, 'POST /v1/shops', { slug: 'mine', name: 'Mine' });
  await say(404, other.key, `GET /v1/drivers/${driver.id}`);
  await say(404, other.key, `PUT /v1/shops/${shop.id}/webhook`, { url: null });
  await say(404, shop.key, 'GET /v1/drivers/1');
  await say(404, shop.key, 'GET /v1/nothing');
  await say(405, shop.key, 'PUT /v1/drivers', { name: 'A' });
  await say(409, operator, 'POST /v1/shops', { slug: shop.slug, name: 'Again' });
  await say(413, shop.key, drivers, { name: 'A'.repeat(65 * 1024) });
  await say(413, null, hook, { ...order, note: 'A'.repeat(257 * 1024) });
  await say(415, shop.key, drivers, { name: 'A' }, { headers: { 'content-type': 'text/plain' } });
  await say(415, null, hook, order, { headers: { ...signed(order), 'content-type': 'text/plain' } });
  await say(422, shop.key, drivers, { name: '', capacity: 0, vehicle: 'horse' });
  await say(422, driver.token, `POST /v1/drivers/${driver.id}/location`, { lat: 91, lon: '13' });
  await say(422, driver.token, `PUT /v1/drivers/${driver.id}/status`, { status: 'ASLEEP' });
  await say(422, shop.key, 'GET /v1/drivers/nearest?lat=NaN&lon=1');
  const fixes = Array.from({ length: 1_001 }, () => ({ driverId: driver.id, lat: 0, lon: 0 }));
  await say(422, shop.key, 'POST /v1/locations', { fixes });
  await say(422, shop.key, drivers, { name: 'A' }, { headers: { 'idempotency-key': 'a b' } });
}
