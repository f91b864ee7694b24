import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endpoints } from '#functions/server.ts';
import type { ShopPrincipal } from '#shared/http/principal.ts';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildDrivers, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';

/*
 * Business time is Postgres time. A process whose clock is wrong refuses signed webhooks, as it must (to it each is a
 * replay), and does all else as if it were right; and so does a phone's clock.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRET = `whsec_${Buffer.from('a secret of the tests, 24 bytes').toString('base64')}`;

let deps: TestDeps;
let shop: { id: string; slug: string };
let right: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  const [row] = await deps.db.run<{ id: string; slug: string }>(
    `INSERT INTO dispatch.shop (slug, name, inbound_secrets) VALUES ('s' || replace(gen_random_uuid()::text, '-', ''), 'Shop', array[$1])
     RETURNING id, slug`,
    [SECRET],
  );
  shop = row!;
  await deps.availability.markWarm(shop.id);
  right = askAt(0);
});

const askAt = (aheadMs: number): Ask => {
  const as: ShopPrincipal = { kind: 'shop', shopId: shop.id, keyId: 'k', scopes: ['dispatch', 'read'] };
  return openAsk(endpoints, deps, as, () => Date.now() + aheadMs);
};
async function driverAt(metres: number): Promise<string> {
  const [driver] = await buildDrivers(deps.db, shop.id, [north(metres)]);
  await project(deps, shop.id, [driver!]);
  return driver!;
}
const fixOf = (ask: Ask, driver: string, metres: number, recordedAtMs?: number) =>
  ask('POST', `/v1/drivers/${driver}/location`, {
    body: { ...north(metres), ...(recordedAtMs && { recordedAt: new Date(recordedAtMs).toISOString() }) },
  });
async function placeOf(driver: string): Promise<number> {
  const { body } = await right('GET', `/v1/drivers/nearest?lat=${HERE.lat}&lon=${HERE.lon}`);
  const found = (body.drivers as { driverId: string; distanceM: number }[]).find((each) => each.driverId === driver);
  return Math.round(found?.distanceM ?? -1);
}

describe.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a process whose clock is an hour %s', (_, offMs) => {
  test('assigns, moves, and tells times by Postgres', async () => {
    const wrong = askAt(offMs);
    const driver = await driverAt(100);
    const { body: delivery } = await wrong('POST', '/v1/deliveries', { body: { pickup: HERE, dropoff: north(500) } });
    expect(delivery).toMatchObject({ status: 'ASSIGNED', driverId: driver });
    const step = await wrong('POST', `/v1/deliveries/${delivery.id}/status`, { body: { status: 'PICKED_UP' } });
    expect(step.body).toMatchObject({ status: 'PICKED_UP' });
    const { body } = await right('GET', `/v1/deliveries/${delivery.id}`);
    const times = (body.events as { recordedAt: string; occurredAt: string }[]).flatMap((event) => [
      event.recordedAt,
      event.occurredAt,
    ]);
    for (const at of times) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(HOUR_MS / 2);
  });

  test('refuses signed webhooks, and its neighbour takes the same message', async () => {
    const text = JSON.stringify({ type: 'delivery.requested', sellerOrderId: 'O', dropoff: north(10) });
    const timestampS = Math.floor(Date.now() / 1000);
    const headers = signatureHeaders({ id: `msg_${offMs}`, timestampS, body: text, secrets: [SECRET] });
    const send = (ask: Ask) => ask('POST', `/v1/webhooks/vendure/${shop.slug}`, { raw: text, headers, as: null });
    expect((await send(askAt(offMs))).status).toBe(401);
    expect((await send(right)).status).toBe(202);
  });

  test('takes fixes without a time for what they are: newer than those before, older than those after', async () => {
    const wrong = askAt(offMs);
    const driver = await driverAt(900);
    expect((await fixOf(right, driver, 100)).body).toEqual({ outcome: 'accepted' });
    expect((await fixOf(wrong, driver, 200)).body).toEqual({ outcome: 'accepted' });
    expect(await placeOf(driver)).toBe(200);
    expect((await fixOf(right, driver, 300)).body).toEqual({ outcome: 'accepted' });
    expect(await placeOf(driver)).toBe(300);
  });
});

describe('a phone whose clock is a day off', () => {
  test('behind: its newest fix is the newest, and they are found', async () => {
    const driver = await driverAt(900);
    const phoneMs = Date.now() - DAY_MS;
    for (const n of [1, 2, 3]) expect((await fixOf(right, driver, n * 100, phoneMs + n)).body.outcome).toBe('accepted');
    expect((await fixOf(right, driver, 400, phoneMs + 2)).body.outcome).toBe('outdated');
    expect(await placeOf(driver)).toBe(300);
  });

  test('ahead: no fix is taken for later than now, so the right clock of their next phone is heard', async () => {
    const driver = await driverAt(900);
    await fixOf(right, driver, 100, Date.now() + DAY_MS);
    expect(await placeOf(driver)).toBe(100);
    const [row] = await deps.db.run<{ late: boolean }>(
      'SELECT recorded_at > now() AS late FROM dispatch.driver_location WHERE driver_id = $1',
      [driver],
    );
    expect(row?.late).toBe(false);
  });
});
