import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openObjects } from '#shared/objects/open-objects.ts';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { givenAskingShop, key } from '#shared/testing/asking-shop.ts';
import { buildShop, HERE, north } from '#shared/testing/builders.ts';
import { offersOfShop } from '#shared/testing/offers-of-shop.ts';
import { endpoints as proofs } from './proofs/index.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;
const { plan, asking, only } = offersOfShop(given);
const PICTURE = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
const WORDS = /Kim|Rosenstr|901820|ring twice|fragile|the dog|Mrs Rao|4711/;

let photos: string;
let pages: Ask;
beforeAll(async () => {
  photos = await mkdtemp(path.join(tmpdir(), 'photos-'));
});
afterAll(() => rm(photos, { recursive: true }));
const erase = (body: object, as = given.shop) => {
  const deps = { ...given.deps, map: null, publicUrl: null, objects: openObjects({ directory: photos, s3: null }) };
  pages = openAsk(proofs as never, deps, as);
  return pages('POST', '/v1/erasures', { body });
};

async function handedOver(sellerOrderId: string, phone: string, countryCode?: string) {
  const onDuty = await driverAt();
  const stop = { ...north(300), name: 'Kim Kunde', address: 'Rosenstr. 2', countryCode, phone, notes: 'ring twice' };
  const order = { sellerOrderId, pickup: HERE, dropoff: stop, notes: 'fragile', pincode: '4711' };
  const { body } = await ask('POST', '/v1/deliveries', { body: order, ...key(`make-${sellerOrderId}`) });
  const driver = { ...onDuty, driverId: body.driverId };
  await erase({ sellerOrderId: 'none' });
  await pages('POST', `/v1/deliveries/${body.id}/proof`, { raw: PICTURE, as: driver });
  const at = `/v1/deliveries/${body.id}/status`;
  const proof = {
    receivedBy: 'Mrs Rao',
    note: 'the dog',
    photoUrl: `https://us.example/v1/deliveries/${body.id}/proof`,
  };
  await ask('POST', at, { body: { status: 'PICKED_UP' }, as: driver, ...key(`up-${sellerOrderId}`) });
  const over = { status: 'DELIVERED', position: HERE, proof, pincode: '4711' };
  expect((await ask('POST', at, { body: over, as: driver, ...key(`over-${sellerOrderId}`) })).status).toBe(200);
  return body.id as string;
}

/** All that is kept, as text, of what this delivery's rows say. */
async function everything(id: string): Promise<string> {
  const [row] = await given.deps.db.run<{ text: string }>(
    `SELECT concat((SELECT row_to_json(x) FROM dispatch.delivery x WHERE x.id = $1),
       (SELECT json_agg(e) FROM dispatch.delivery_event e WHERE e.delivery_id = $1),
       (SELECT json_agg(o) FROM dispatch.outbox o WHERE o.delivery_id = $1),
       (SELECT json_agg(c) FROM dispatch.dispatch_decision c WHERE c.delivery_id = $1),
       (SELECT json_agg(i) FROM dispatch.kept_result i WHERE i.delivery_id = $1 OR i.result::text LIKE '%' || $1 || '%')) AS text`,
    [id],
  );
  return row!.text;
}

test('by order: nothing that is kept says who it was; what happened stays, and goes on being sent', async () => {
  const hook = { url: 'https://shop.example/hook', secrets: [`whsec_${'A'.repeat(32)}`] };
  await ask('PUT', `/v1/shops/${given.shop.shopId}/webhook`, { body: hook });
  const id = await handedOver('ERASE-1', '+49 30 901820');
  const other = await handedOver('ERASE-2', '+49 30 5555555');
  expect(await everything(id)).toMatch(WORDS);
  expect((await erase({ sellerOrderId: 'ERASE-1' })).body).toEqual({ erased: [id], underWay: [], next: null });
  expect(await everything(id)).not.toMatch(WORDS);
  expect(await readdir(path.join(photos, given.shop.shopId))).toEqual([other]);
  expect((await ask('GET', `/v1/deliveries/${id}`)).body).toMatchObject({
    status: 'DELIVERED',
    sellerOrderId: 'ERASE-1',
    dropoff: { lat: null, lon: null },
    proof: null,
  });
  const sent = await given.deps.db.run<{ event: string }>('SELECT event FROM dispatch.outbox WHERE delivery_id = $1', [
    id,
  ]);
  expect(sent.map(({ event }) => event)).toContain('DELIVERY_DELIVERED_V1');
  expect(await everything(other)).toMatch(WORDS);
  expect((await erase({ deliveryId: id })).body).toEqual({ erased: [id], underWay: [], next: null });
});

test('also out of what is kept of a trip that was accepted, and of a route that was put in order', async () => {
  await asking('offer');
  const driver = await driverAt();
  const dropoff = { ...north(300), name: 'Kim Kunde', address: 'Rosenstr. 2' };
  const { id } = (await ask('POST', '/v1/deliveries', { body: { pickup: HERE, dropoff } })).body;
  await plan();
  const { id: offerId } = await only(driver);
  expect((await ask('POST', `/v1/offers/${offerId}/accept`, { as: driver, ...key('yes') })).status).toBe(200);
  const route = `/v1/drivers/${driver.driverId}/route`;
  const { version, stops } = (await ask('GET', route)).body;
  const inOrder = stops.map(({ deliveryId, kind }: { deliveryId: string; kind: string }) => ({ deliveryId, kind }));
  expect((await ask('PUT', route, { body: { version, stops: inOrder }, ...key('order') })).status).toBe(200);
  const at = `/v1/deliveries/${id}/status`;
  for (const status of ['PICKED_UP', 'DELIVERED']) await ask('POST', at, { body: { status }, as: driver });
  expect((await everything(id)).match(/Kim/g)!.length).toBeGreaterThan(2);
  expect((await erase({ deliveryId: id })).body).toEqual({ erased: [id], underWay: [], next: null });
  expect(await everything(id)).not.toMatch(WORDS);
});

test('by telephone number, however it is written; what is under way is left and named', async () => {
  const over = await handedOver('PHONE-1', '+49 30 901820');
  const stop = { ...north(300), phone: '+49 30 901820' };
  const { body: open } = await ask('POST', '/v1/deliveries', { body: { pickup: HERE, dropoff: stop } });
  const { body: done } = await erase({ phone: '0049 (30) 90-18-20' });
  expect(done).toEqual({ erased: [over], underWay: [open.id], next: null });
  expect((await erase({ phone: '+49 30 1111111' })).body).toEqual({ erased: [], underWay: [], next: null });
});

test('by the number that an order had before it was changed', async () => {
  const driver = await driverAt();
  const before = { ...north(300), name: 'Kim Kunde', phone: '+49 30 7654321' };
  const { id } = (await ask('POST', '/v1/deliveries', { body: { pickup: HERE, dropoff: before } })).body;
  const after = { ...before, phone: '+49 30 1234567' };
  expect((await ask('PATCH', `/v1/deliveries/${id}`, { body: { dropoff: after } })).status).toBe(200);
  const at = `/v1/deliveries/${id}/status`;
  for (const status of ['PICKED_UP', 'DELIVERED']) await ask('POST', at, { body: { status }, as: driver });
  expect(await everything(id)).toMatch('7654321');
  expect((await erase({ phone: '030 7654321', countryCode: 'DE' })).body).toEqual({
    erased: [id],
    underWay: [],
    next: null,
  });
  expect(await everything(id)).not.toMatch('7654321');
});

test('by number across countries: kept with that of its address, found however and from wherever it is written', async () => {
  const german = await handedOver('LAND-1', '0171 9018201', 'de');
  const whole = await handedOver('LAND-2', '+49 171 9018201');
  const bare = await handedOver('LAND-3', '0171/9018201');
  const austrian = await handedOver('LAND-4', '0171 9018201', 'AT');
  const { body: read } = await ask('GET', `/v1/deliveries/${german}`);
  expect(read.dropoff).toMatchObject({ phone: '+491719018201', countryCode: 'DE' });
  expect((await erase({ phone: '0171 901 8201', countryCode: 'DE' })).body.erased.sort()).toEqual(
    [german, whole, bare].sort(),
  );
  expect(await everything(austrian)).toMatch(WORDS);
  expect((await erase({ phone: '+43 171 9018201' })).body.erased).toEqual([austrian]);
  expect((await erase({ phone: '0171 9018201', countryCode: 'Germany' })).status).toBe(422);
});

test('only by the shop’s admin, and only its own', async () => {
  const id = await handedOver('MINE-1', '+49 30 901820');
  const stranger = { ...given.shop, shopId: await buildShop(given.deps.db) };
  expect((await erase({ deliveryId: id }, stranger)).status).toBe(404);
  expect((await erase({ phone: '+49 30 901820' }, stranger)).body.erased).toEqual([]);
  expect((await erase({ deliveryId: id }, { ...given.shop, scopes: ['dispatch'] })).status).toBe(403);
  expect((await erase({})).status).toBe(422);
  expect(await everything(id)).toMatch(WORDS);
});
