import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/*
 * What whoever was sent a tracking link may do with it, as a customer does: without any other proof.
 */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5212, lon: 13.4105 };

async function ordered(order: object = {}) {
  const { id } = await stage.api('POST', '/v1/deliveries', { dropoff: DOOR, ...order });
  const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
  return { id, link: `/v1${path}` };
}

/** Asks without a key. */
async function customer(method: string, path: string, body?: unknown) {
  const response = await fetch(stage.url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  return { status: response.status, body: (await response.json()) as any };
}

async function driverOf(id: string) {
  const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', capacity: 20 });
  const { token } = await stage.api('POST', `/v1/drivers/${driver}/tokens`, {});
  await stage.api('POST', `/v1/drivers/${driver}/location`, SHOP);
  await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
  await give(id, driver);
  return { driver, token };
}

/** It may be theirs already: a new order looks for a driver by itself. */
async function give(id: string, driver: string) {
  if ((await stage.api('GET', `/v1/deliveries/${id}`)).driverId === driver) return;
  await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
}
const say = (id: string, status: string, more: object = {}) =>
  stage.api('POST', `/v1/deliveries/${id}/status`, { status, ...more });

test('notes for the door and a safe place reach the driver, may be changed and taken away until it is handed over', async () => {
  const { id, link } = await ordered({ dropoff: { ...DOOR, notes: 'from the shop' } });
  const { driver, token } = await driverOf(id);
  const nothing = { doorNotes: null, safePlace: null };
  expect((await customer('GET', link)).body.instructions).toEqual({ ...nothing, changeable: true });
  const asked = { doorNotes: 'Second yard', safePlace: 'Behind the bench' };
  const left = await customer('PUT', `${link}/instructions`, asked);
  expect(left).toMatchObject({ status: 200, body: { instructions: { ...asked, changeable: true } } });
  const seen = await stage.api('GET', `/v1/deliveries/${id}`, undefined, token);
  expect(seen.dropoff).toMatchObject({ ...asked, notes: 'from the shop' });
  expect(seen.events.at(-1)).toMatchObject({
    type: 'CHANGED',
    actor: 'customer',
    driverId: driver,
    data: { fields: ['dropoff.doorNotes', 'dropoff.safePlace'] },
  });
  const { stops } = await stage.api('GET', `/v1/drivers/${driver}/route`, undefined, token);
  expect(stops.find((stop: { kind: string }) => stop.kind === 'dropoff')).toMatchObject(asked);

  await say(id, 'PICKED_UP');
  const { version } = await stage.api('GET', `/v1/deliveries/${id}`);
  expect((await customer('PUT', `${link}/instructions`, asked)).status).toBe(200);
  expect((await stage.api('GET', `/v1/deliveries/${id}`)).version).toBe(version);
  const fewer = await customer('PUT', `${link}/instructions`, { doorNotes: 'Second yard' });
  expect(fewer.body.instructions).toEqual({ doorNotes: 'Second yard', safePlace: null, changeable: true });
  expect((await stage.api('GET', `/v1/deliveries/${id}`)).dropoff).not.toHaveProperty('safePlace');

  await say(id, 'DELIVERED');
  expect((await customer('GET', link)).body.instructions.changeable).toBe(false);
  const late = await customer('PUT', `${link}/instructions`, asked);
  expect(late).toMatchObject({ status: 409, body: { type: 'urn:problem:too_late' } });
});

test('what is too long, and a link that is not genuine or is another’s, change nothing', async () => {
  const [one, other] = [await ordered(), await ordered()];
  const long = await customer('PUT', `${one.link}/instructions`, { doorNotes: 'x'.repeat(501) });
  expect(long).toMatchObject({ status: 422, body: { errors: [{ pointer: '/doorNotes' }] } });
  const forged = `/v1/track/${one.link.slice(-43, -20)}${other.link.slice(-20)}`;
  expect((await customer('PUT', `${forged}/instructions`, { doorNotes: 'x' })).status).toBe(404);
  for (const { id } of [one, other]) {
    expect((await stage.api('GET', `/v1/deliveries/${id}`)).dropoff).not.toHaveProperty('doorNotes');
  }
});

test('whoever changes them for ever is told to stop, and the links of others go on', async () => {
  const [one, other] = [await ordered(), await ordered()];
  const statuses: number[] = [];
  for (let n = 0; n < 31; n += 1) {
    statuses.push((await customer('PUT', `${one.link}/instructions`, { doorNotes: `Yard ${n}` })).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429]);
  expect((await customer('PUT', `${other.link}/instructions`, { doorNotes: 'Yard' })).status).toBe(200);
});

test('a rating is taken once it is handed over, may be said otherwise, and is the shop’s to see and not the driver’s', async () => {
  await stage.api('PUT', `/v1/shops/${await stage.shopId()}/webhook`, {
    url: 'http://127.0.0.1:9/hook',
    insecure: true,
    ratings: true,
  });
  const { id, link } = await ordered();
  const { driver, token } = await driverOf(id);
  expect(await customer('PUT', `${link}/rating`, { stars: 4 })).toMatchObject({
    status: 409,
    body: { type: 'urn:problem:conflict_state' },
  });
  await say(id, 'PICKED_UP');
  await say(id, 'DELIVERED');
  expect((await customer('GET', link)).body.rating).toBeNull();
  for (const stars of [0, 6, 2.5]) expect((await customer('PUT', `${link}/rating`, { stars })).status).toBe(422);
  const handedOver = await stage.api('GET', `/v1/deliveries/${id}`);
  expect((await customer('PUT', `${link}/rating`, { stars: 4 })).body.rating).toEqual({ stars: 4, note: null });
  const said = { stars: 2, note: 'Cold soup' };
  for (const _ of ['once', 'again']) expect((await customer('PUT', `${link}/rating`, said)).body.rating).toEqual(said);

  const seen = await stage.api('GET', `/v1/deliveries/${id}`);
  expect(seen).toMatchObject({ rating: said, version: handedOver.version + 2, updatedAt: handedOver.updatedAt });
  expect(seen.events.at(-1)).toMatchObject({ type: 'RATED', actor: 'customer', data: said });
  const theirs = JSON.stringify(await stage.api('GET', `/v1/deliveries/${id}`, undefined, token));
  expect(theirs).not.toMatch(/Cold soup|RATED|"rating"/);
  const sent = await stage.deps.db.run<{ data: unknown }>(
    `SELECT body::json -> 'data' AS data FROM dispatch.outbox WHERE delivery_id = $1 AND event = 'DELIVERY_RATED_V1' ORDER BY seq`,
    [id],
  );
  expect(sent).toEqual([{ data: { stars: 4, note: null } }, { data: said }]);

  const second = await ordered();
  await give(second.id, driver);
  await say(second.id, 'PICKED_UP');
  await say(second.id, 'DELIVERED');
  await customer('PUT', `${second.link}/rating`, { stars: 5 });
  const { ratings } = await stage.api('GET', `/v1/numbers?since=${new Date(Date.now() - 60_000).toISOString()}`);
  expect(ratings).toEqual({ count: 2, average: 3.5, drivers: [{ driverId: driver, count: 2, average: 3.5 }] });

  await stage.api('POST', '/v1/erasures', { deliveryId: id });
  expect((await stage.api('GET', `/v1/deliveries/${id}`)).rating).toBeNull();
  const [kept] = await stage.deps.db.run<{ text: string }>(
    `SELECT concat((SELECT json_agg(e.data) FROM dispatch.delivery_event e WHERE e.delivery_id = $1),
       (SELECT json_agg(o.body) FROM dispatch.outbox o WHERE o.delivery_id = $1)) AS text`,
    [id],
  );
  expect(kept!.text).not.toContain('Cold soup');
});

test('who does not ask for ratings is not sent them', async () => {
  await stage.api('PUT', `/v1/shops/${await stage.shopId()}/webhook`, {
    url: 'http://127.0.0.1:9/hook',
    insecure: true,
  });
  const { id, link } = await ordered();
  await driverOf(id);
  await say(id, 'PICKED_UP');
  await say(id, 'DELIVERED');
  await customer('PUT', `${link}/rating`, { stars: 4 });
  const sent = await stage.deps.db.run<{ event: string }>('SELECT event FROM dispatch.outbox WHERE delivery_id = $1', [
    id,
  ]);
  const events = sent.map(({ event }) => event);
  expect(events).toContain('DELIVERY_DELIVERED_V1');
  expect(events).not.toContain('DELIVERY_RATED_V1');
});

test('the shop shows itself as it has chosen to, and its drivers can be called only where it says so', async () => {
  const shop = `/v1/shops/${await stage.shopId()}`;
  const { id, link } = await ordered();
  const { driver } = await driverOf(id);
  await stage.api('PATCH', `/v1/drivers/${driver}`, { phone: '+49 30 1234567' });
  await say(id, 'PICKED_UP');
  const nothing = { color: null, logoUrl: null, phone: null };
  expect((await customer('GET', link)).body).toMatchObject({ page: nothing, driver: { phone: null } });
  const page = { color: '#ffd400', logoUrl: 'https://pictures.example/logo.png', phone: '+49 30 7654321' };
  const changed = await stage.api('PATCH', shop, { name: 'Bäckerei <Berlin>', customerPage: page });
  expect(changed).toMatchObject({ name: 'Bäckerei <Berlin>', customerPage: { ...page, callDriver: false } });
  const shown = (await customer('GET', link)).body;
  expect(shown).toMatchObject({ shop: 'Bäckerei <Berlin>', page, driver: { phone: null } });
  await stage.api('PATCH', shop, { customerPage: { callDriver: true } });
  expect((await customer('GET', link)).body).toMatchObject({ page, driver: { phone: '+49 30 1234567' } });

  const document = await fetch(stage.url + link.replace('/v1', ''));
  const html = await document.text();
  expect(html).toContain('<meta property="og:site_name" content="Bäckerei &lt;Berlin>">');
  expect(html).toContain('<meta property="og:image" content="https://pictures.example/logo.png">');
  expect(html).toContain('<meta name="theme-color" content="#ffd400">');
  expect(document.headers.get('content-security-policy')).toContain(
    "img-src 'self' data: blob: https://pictures.example;",
  );

  for (const [name, value] of Object.entries({
    color: 'gold',
    logoUrl: 'http://pictures.example/logo.png',
    phone: 'none',
  })) {
    await expect(stage.api('PATCH', shop, { customerPage: { [name]: value } })).rejects.toThrow('422');
  }
  await stage.api('PATCH', shop, { customerPage: { color: null, logoUrl: null, phone: null, callDriver: false } });
  expect((await customer('GET', link)).body.page).toEqual(nothing);
  const plain = await fetch(stage.url + link.replace('/v1', ''));
  expect(plain.headers.get('content-security-policy')).not.toContain('pictures.example');
});

test('the code that is asked for at the door is on the customer’s page from the pickup to the hand-over, and on no driver’s', async () => {
  const { id, link } = await ordered({ pincode: '4711' });
  const other = await ordered();
  const { driver, token } = await driverOf(id);
  expect((await customer('GET', link)).body.pincode).toBeNull();
  await say(id, 'PICKED_UP');
  expect((await customer('GET', link)).body.pincode).toBe('4711');
  expect((await customer('GET', other.link)).body.pincode).toBeNull();
  for (const path of [`/v1/deliveries/${id}`, '/v1/deliveries', `/v1/drivers/${driver}/route`]) {
    expect(JSON.stringify(await stage.api('GET', path, undefined, token))).not.toContain('4711');
  }
  await expect(stage.api('GET', `/v1/deliveries/${id}/tracking`, undefined, token)).rejects.toThrow('403');
  await say(id, 'DELIVERED', { pincode: '4711' });
  expect((await customer('GET', link)).body.pincode).toBeNull();
});
