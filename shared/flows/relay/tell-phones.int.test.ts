import { afterEach, beforeEach, expect, test } from 'vitest';
import { endpoints as assign } from '#functions/assign/index.ts';
import { endpoints as register } from '#functions/register/index.ts';
import { endpoints as status } from '#functions/status/index.ts';
import { commitPlan } from '#shared/db/statements/commit-plan.ts';
import { settleOffers } from '#shared/db/statements/settle-offers.ts';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { planFor } from '#shared/testing/plan-rows.ts';
import { openPushService, type TestPhone, type TestPushService } from '#shared/testing/push-service.ts';
import { nobody } from '#shared/testing/shop-commands.ts';
import { openPush } from '#shared/webhooks/push.ts';
import { sendWebhook } from '#shared/webhooks/send.ts';
import { openPushKey } from '../../composition/push-key.ts';
import { openPhonesTeller, type PhonesDeps } from './tell-phones.ts';

const asking = givenAskingShop([...register, ...assign, ...status]);
const { ask, driverAt } = asking;

let service: TestPushService;
let driver: DriverPrincipal;
let phone: TestPhone;
beforeEach(async () => {
  // Of the tests before this one, whose push service is gone.
  await asking.deps.db.run('DELETE FROM dispatch.push_subscription');
  service = await openPushService();
  driver = await driverAt();
  phone = await registered(driver);
});
afterEach(() => service.close());

const pushOf = (principal: DriverPrincipal) => `/v1/drivers/${principal.driverId}/push`;

async function registered(as: DriverPrincipal): Promise<TestPhone> {
  const made = service.phone();
  expect((await ask('PUT', pushOf(as), { body: made.subscription, as })).status).toBe(204);
  return made;
}

function phonesDeps(): PhonesDeps {
  const { deps } = asking;
  const push = openPush({
    keys: openPushKey(deps, null).pair,
    subject: 'mailto:test@example.com',
    send: (request) => sendWebhook({ ...request, allowPrivate: true, timeoutMs: 300 }),
  });
  return { db: deps.db, push, random01: () => 0.5, report: () => {} };
}

/** One look of a relay, to its end. */
async function look(teller = openPhonesTeller(phonesDeps())): Promise<number> {
  const begun = await teller.begin();
  await teller.idle();
  return begun;
}

const kinds = ({ told }: TestPhone) => told.map(({ payload }) => payload.kind);
const newOrder = async (): Promise<string> => (await ask('POST', '/v1/deliveries', { body: order })).body.id;
const silentFor = (seconds: number) =>
  asking.deps.db.run(
    `UPDATE dispatch.driver_location SET seen_at = now() - $2::int * interval '1 s' WHERE driver_id = $1`,
    [driver.driverId, seconds],
  );

test('a phone is told that its route is another one, for it alone to read, and once', async () => {
  await newOrder();
  const { body } = await ask('GET', pushOf(driver), { as: driver });
  expect(await look()).toBe(1);
  const [row] = await asking.deps.db.run<{ version: number }>(
    'SELECT version::int AS version FROM dispatch.driver WHERE id = $1',
    [driver.driverId],
  );
  expect(phone.told).toEqual([
    {
      payload: { kind: 'route', driverId: driver.driverId, version: row!.version },
      ttlS: 86_400,
      topic: 'route',
      publicKey: body.publicKey,
    },
  ]);
  expect(await look()).toBe(0);
});

const duty = (status: string) => ask('PUT', `/v1/drivers/${driver.driverId}/status`, { body: { status }, as: driver });

test('what a plan gives a driver, and takes from them again, is told', async () => {
  const { deps, shop } = asking;
  await duty('BUSY');
  const id = await newOrder();
  await duty('AVAILABLE');
  await deps.dispatch.plan(shop.shopId);
  expect((await ask('GET', `/v1/deliveries/${id}`)).body).toMatchObject({ status: 'ASSIGNED' });
  await look();
  expect(kinds(phone)).toEqual(['route']);
  const other = await driverAt();
  const moves = [
    { driver: driver.driverId, loses: [id] },
    { driver: other.driverId, gets: [id] },
  ];
  await commitPlan(deps.db, nobody, await planFor(deps.db, shop.shopId, moves));
  await look();
  expect(kinds(phone)).toEqual(['route', 'route']);
});

test('another attempt of what is still aboard is told', async () => {
  const id = await newOrder();
  await look();
  for (const step of [{ status: 'PICKED_UP' }, { status: 'FAILED', failureCode: 'REFUSED' }])
    expect((await ask('POST', `/v1/deliveries/${id}/status`, { body: step, as: driver })).status).toBe(200);
  await look();
  expect((await ask('POST', `/v1/deliveries/${id}/redeliver`, { body: {} })).status).toBe(200);
  await look();
  expect(kinds(phone)).toEqual(['route', 'route']);
});

test('several changes are one message, of the most urgent', async () => {
  const id = await newOrder();
  await ask('PATCH', `/v1/deliveries/${id}`, { body: { notes: 'Ring twice' } });
  await ask('POST', `/v1/deliveries/${id}/cancel`, { body: {} });
  await look();
  await look();
  expect(kinds(phone)).toEqual(['cancelled']);
});

test('a change of an order in hand is told; what the driver does themselves is not', async () => {
  const id = await newOrder();
  await look();
  await ask('PATCH', `/v1/deliveries/${id}`, { body: { notes: 'Ring twice' } });
  await look();
  const step = { body: { status: 'PICKED_UP' }, as: driver };
  expect((await ask('POST', `/v1/deliveries/${id}/status`, step)).status).toBe(200);
  expect(
    (await ask('PUT', `/v1/drivers/${driver.driverId}/status`, { body: { status: 'BUSY' }, as: driver })).status,
  ).toBe(200);
  await look();
  expect(kinds(phone)).toEqual(['route', 'change']);
});

test('an offer is told while it is open, and the next one too', async () => {
  const { deps, shop } = asking;
  const body = { dispatch: { mode: 'broadcast', offerS: 40 } };
  expect((await ask('PATCH', `/v1/shops/${shop.shopId}`, { body })).status).toBe(200);
  await newOrder();
  await look();
  expect(kinds(phone)).toEqual(['offer']);
  expect(phone.told[0]!.ttlS).toBeGreaterThan(20);
  expect(phone.told[0]!.ttlS).toBeLessThanOrEqual(40);
  const [open] = (await ask('GET', `/v1/drivers/${driver.driverId}/offers`, { as: driver })).body.items;
  await ask('POST', `/v1/offers/${open.id}/accept`, { as: driver });
  await settleOffers(deps.db, { actor: 'relay', idempotency: null }, shop.shopId);
  await look();
  expect(kinds(phone)).toEqual(['offer']);
});

test('whoever goes silent is asked once for each silence, before a search leaves them out', async () => {
  await silentFor(30);
  await look();
  expect(kinds(phone)).toEqual([]);
  await silentFor(45);
  await look();
  await look();
  expect(kinds(phone)).toEqual(['still_there']);
  await silentFor(50);
  await look();
  expect(kinds(phone)).toEqual(['still_there', 'still_there']);
  await silentFor(95);
  await look();
  expect(phone.told).toHaveLength(2);
});

test('of any number of relays at once one tells it', async () => {
  await newOrder();
  const { push, ...rest } = phonesDeps();
  let allHaveLooked = () => {};
  const looked = new Promise<void>((resolve) => {
    allHaveLooked = resolve;
  });
  // None notes that it was told before the last of them has looked.
  const slowly: typeof push = async (...message) => {
    await looked;
    return push(...message);
  };
  const tellers = Array.from({ length: 40 }, () => openPhonesTeller({ ...rest, push: slowly }));
  const begun = await Promise.all(tellers.map((teller) => teller.begin()));
  allHaveLooked();
  await Promise.all(tellers.map((teller) => teller.idle()));
  expect(begun.filter((count) => count > 0)).toEqual([1]);
  expect(kinds(phone)).toEqual(['route']);
});

test('what could not be told is told later, and a dead push service holds nobody up', async () => {
  await newOrder();
  service.answer('never');
  const teller = openPhonesTeller(phonesDeps());
  await teller.begin();
  await eventually(() => service.asked() === 1);
  expect(await teller.begin()).toBe(0);
  await teller.idle();
  service.answer(201);
  expect(await look()).toBe(0);
  await asking.deps.db.run('UPDATE dispatch.push_subscription SET due_at = now()');
  await look();
  expect(kinds(phone)).toEqual(['route']);
});

test('a relay that died while it told leaves it to the next one', async () => {
  await newOrder();
  const { db, ...rest } = phonesDeps();
  let died = () => {};
  const dying = openPhonesTeller({ ...rest, db, push: () => new Promise(() => died()) });
  await new Promise<void>((resolve) => {
    died = resolve;
    void dying.begin();
  });
  expect(await look()).toBe(0);
  await db.run('UPDATE dispatch.push_subscription SET due_at = now()');
  await look();
  expect(kinds(phone)).toEqual(['route']);
});

test.each([404, 410])('a browser that is no more (%i) is forgotten', async (gone) => {
  await newOrder();
  service.answer(gone);
  await look();
  const rows = await asking.deps.db.run('SELECT 1 FROM dispatch.push_subscription WHERE driver_id = $1', [
    driver.driverId,
  ]);
  expect(rows).toHaveLength(0);
});

test('one shop never takes more than its share of what is under way', async () => {
  const phones = await Promise.all(Array.from({ length: 9 }, () => registered(driver)));
  const others = await Promise.all(Array.from({ length: 12 }, async () => registered(await driverAt())));
  await asking.deps.db.run(`UPDATE dispatch.driver_location SET seen_at = now() - interval '45 s'`);
  expect(await look()).toBe(16);
  await look();
  expect([phone, ...phones, ...others].map(({ told }) => told.length)).toEqual(Array(22).fill(1));
});

test('a withdrawn phone and a withdrawn token are told nothing; the browsers of an erased driver are forgotten', async () => {
  const { db } = asking.deps;
  await newOrder();
  await db.run('UPDATE dispatch.driver SET token_version = token_version + 1 WHERE id = $1', [driver.driverId]);
  expect(await look()).toBe(0);
  const { code } = (await ask('POST', `/v1/drivers/${driver.driverId}/pairings`, { body: {} })).body;
  const { deviceId } = (await ask('POST', '/v1/pairings', { body: { code }, as: null })).body;
  await ask('PUT', pushOf(driver), { body: phone.subscription, as: { ...driver, deviceId } });
  await ask('DELETE', `/v1/drivers/${driver.driverId}/devices/${deviceId}`);
  expect(await look()).toBe(0);
  const other = await driverAt();
  await registered(other);
  expect((await ask('POST', `/v1/drivers/${other.driverId}/erase`)).status).toBe(204);
  const rows = await db.run('SELECT 1 FROM dispatch.push_subscription WHERE driver_id = $1', [other.driverId]);
  expect(rows).toEqual([]);
});

test('a phone that becomes another driver’s is told of them alone', async () => {
  const next = await driverAt();
  expect((await ask('PUT', pushOf(next), { body: phone.subscription, as: next })).status).toBe(204);
  // One of the two is given it; the other is not told.
  await newOrder();
  await newOrder();
  await look();
  expect(phone.told).toHaveLength(1);
  expect(new Set(phone.told.map(({ payload }) => payload.driverId))).not.toContain(driver.driverId);
});

test('ten browsers for a driver; one that is taken away is told nothing', async () => {
  for (let n = 0; n < 10; n += 1) await registered(driver);
  const rows = await asking.deps.db.run('SELECT 1 FROM dispatch.push_subscription WHERE driver_id = $1', [
    driver.driverId,
  ]);
  expect(rows).toHaveLength(10);
  await newOrder();
  const last = await registered(driver);
  const { endpoint } = last.subscription;
  expect((await ask('DELETE', pushOf(driver), { body: { endpoint }, as: driver })).status).toBe(204);
  await look();
  // The oldest had to go for it.
  expect([phone.told, last.told]).toEqual([[], []]);
});

test('it is the driver’s own; what is no browser’s key is refused', async () => {
  const body = service.phone().subscription;
  const other = await driverAt();
  expect((await ask('PUT', pushOf(driver), { body, as: other })).status).toBe(404);
  const stranger = { kind: 'shop', shopId: driver.driverId, keyId: 'k', scopes: ['dispatch'] } as const;
  expect((await ask('PUT', pushOf(driver), { body, as: stranger })).status).toBe(404);
  const bad = { endpoint: 'ftp://push.example', keys: { p256dh: 'x', auth: 'y' } };
  const refused = await ask('PUT', pushOf(driver), { body: bad, as: driver });
  expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/endpoint',
    '/keys/p256dh',
    '/keys/auth',
  ]);
});
