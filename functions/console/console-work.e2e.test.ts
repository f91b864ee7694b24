import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { buildDrivers } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;

let stage: Stage;
let browser: TestBrowser;
const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2' };

beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(() => expect(browser.faults()).toEqual([]));

async function hire(name: string, at = SHOP): Promise<string> {
  const { id } = await stage.api('POST', '/v1/drivers', { name, vehicle: 'car' });
  await stage.api('POST', `/v1/drivers/${id}/location`, at);
  await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'AVAILABLE' });
  return id;
}
const order = async (sellerOrderId: string, dropoff: object = DOOR): Promise<string> =>
  (await stage.api('POST', '/v1/deliveries', { sellerOrderId, dropoff })).id;
const deliveryOf = (id: string) => stage.api('GET', `/v1/deliveries/${id}`);

async function enter(): Promise<Page> {
  const page = await browser.visit(await stage.loginLink());
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

test(
  'an order without coordinates: placed by a click on the map, given to a driver by keyboard alone, taken back, cancelled',
  async () => {
    const page = await enter();
    const id = await order('C-1', { address: 'Somewhere 1' });
    await page.getByRole('link', { name: /C-1.*Coordinates are missing/ }).click();
    await page.getByText('It waits for coordinates of the dropoff').waitFor();
    await page.getByRole('button', { name: 'Set dropoff on the map' }).click();
    await page.locator('.ground').click({ position: { x: 300, y: 300 } });
    await page.getByText('It waits for the next free driver').waitFor();
    const placed = (await deliveryOf(id)).dropoff;
    expect(placed).toMatchObject({ address: 'Somewhere 1' });
    expect(Number.isFinite(placed.lat + placed.lon)).toBe(true);
    const driver = await hire('Asha Rao');
    const assign = page.getByRole('button', { name: /^Assign to Asha Rao/ });
    await eventually(async () => (await deliveryOf(id)).driverId === driver || (await assign.count()) > 0, {
      timeoutMs: 8_000,
    });
    if ((await deliveryOf(id)).driverId === null) {
      await assign.focus();
      await page.keyboard.press('Enter');
    }
    await page.getByRole('button', { name: 'Take it back' }).click();
    await eventually(async () => (await deliveryOf(id)).status === 'PENDING');
    await page.getByRole('button', { name: 'Cancel delivery' }).click();
    await page.getByRole('button', { name: 'Really cancel' }).click();
    await eventually(async () => (await deliveryOf(id)).status === 'CANCELLED');
    await page.getByRole('log').filter({ hasText: 'C-1: cancelled' }).waitFor({ state: 'attached' });
  },
  SLOW_MS,
);

test('a delivery dragged onto a driver on the map is theirs', async () => {
  for (const { id } of (await stage.api('GET', '/v1/drivers')).items) {
    await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });
  }
  const id = await order('C-2');
  // Half way between shop and door, which is the middle of the map that shows all of them.
  const driver = await hire('Ben Okafor', { lat: (SHOP.lat + DOOR.lat) / 2, lon: (SHOP.lon + DOOR.lon) / 2 });
  if ((await deliveryOf(id)).driverId !== null) await stage.api('POST', `/v1/deliveries/${id}/unassign`, {});
  const page = await enter();
  const row = page.getByRole('listitem').filter({ hasText: 'C-2' });
  await row.dragTo(page.locator('.ground'));
  await page.getByText('Order C-2 is with Ben Okafor').waitFor();
  expect(await deliveryOf(id)).toMatchObject({ status: 'ASSIGNED', driverId: driver });
});

test(
  'an order is held and released; who got it, why, and in which order is shown, and the order can be fixed',
  async () => {
    for (const { id } of (await stage.api('GET', '/v1/drivers')).items) {
      await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });
    }
    const page = await enter();
    const ids = [await order('C-21'), await order('C-22', { ...DOOR, lat: 52.515, address: 'Torstraße 9' })] as const;
    await page.getByRole('link', { name: /C-21/ }).click();
    await page.getByRole('button', { name: '30 min' }).click();
    await page.getByText(/^Somebody holds it until/).waitFor();
    await page.getByRole('link', { name: 'Deliveries', exact: true }).click();
    await page.getByRole('link', { name: /C-21.*Held by hand until/ }).click();
    await page.getByRole('button', { name: 'Release' }).click();
    await eventually(async () => (await deliveryOf(ids[0])).dispatch !== 'paused');
    const driver = await hire('Carla Nunes');
    await stage.api('PATCH', `/v1/drivers/${driver}`, { capacity: 3 });
    await eventually(async () => (await deliveryOf(ids[0])).driverId === driver, { timeoutMs: 8_000 });
    await eventually(async () => (await deliveryOf(ids[1])).driverId === driver, { timeoutMs: 8_000 });
    await page.getByRole('link', { name: 'Carla Nunes' }).click();
    const route = page.getByRole('region', { name: 'Route' });
    await eventually(async () => (await route.getByRole('listitem').count()) === 4);
    const first = await route.getByRole('listitem').last().textContent();
    await route.getByRole('button', { name: 'Deliver earlier' }).last().click();
    await page.getByText('The route of Carla Nunes is fixed in this order').waitFor();
    await eventually(async () => (await route.getByRole('listitem').last().textContent()) !== first);
    await route.getByText('fixed').first().waitFor();
    await keepPicture(page, 'console-route');
    const { stops } = await stage.api('GET', `/v1/drivers/${driver}/route`);
    expect(stops.every((stop: { pinned: boolean }) => stop.pinned)).toBe(true);
    await page.goto(`${stage.url}/console#/deliveries/${ids[1]}`);
    const why = page.getByRole('region', { name: 'Why this driver?' });
    await why
      .getByText(/Carla Nunes/)
      .first()
      .waitFor();
    await why
      .getByText(/Carla Nunes/)
      .first()
      .click();
    await keepPicture(page, 'console-why');
  },
  SLOW_MS,
);

test('a stream that breaks goes on where it was, and nothing in between is lost', async () => {
  const page = await enter();
  const resumed: string[] = [];
  page.on('request', (request) => {
    const last = request.headers()['last-event-id'];
    if (last) resumed.push(last);
  });
  stage.cutConnections();
  // Again where the connection of this test's own was one of those.
  const id = await eventually(() => order('C-3'));
  await page.getByRole('link', { name: /C-3/ }).waitFor();
  expect(resumed.length).toBeGreaterThan(0);
  await stage.api('POST', `/v1/deliveries/${id}/cancel`, {});
  await page.getByRole('link', { name: /C-3/ }).waitFor({ state: 'detached' });
});

test('where streams are not to be had the page asks again and again, and says so', async () => {
  const page = await enter();
  await page.route('**/v1/stream', (route) => route.fulfill({ status: 404, body: '{}' }));
  await page.reload();
  await page.getByText('Every 3 s').waitFor();
  await order('C-4');
  await page.getByRole('link', { name: /C-4/ }).waitFor();
});

test('a shop that could not be reached is told, and everything is sent to it again', async () => {
  const shopId = await stage.shopId();
  await stage.api('PUT', `/v1/shops/${shopId}/webhook`, { url: 'http://127.0.0.1:9/none', insecure: true });
  await order('C-5');
  await stage.deps.db.run(
    `UPDATE dispatch.outbox_lane l SET parked_at = now(), due_at = NULL, failed_id = o.id, attempts = 40, last_error = 'refused'
     FROM dispatch.outbox o WHERE o.delivery_id = l.delivery_id`,
  );
  const page = await enter();
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByText('refused · 40 attempts').first().waitFor();
  await page.getByRole('button', { name: 'Send all again' }).click();
  await page.getByText(/events? will be sent again/).waitFor();
  const [row] = await stage.deps.db.run<{ n: number }>(
    'SELECT count(*)::int AS n FROM dispatch.outbox_lane WHERE parked_at IS NOT NULL',
  );
  expect(row?.n).toBe(0);
});

test(
  'what was typed stays where it was refused, whatever else becomes of the order, and goes once it is done',
  async () => {
    const page = await enter();
    const order = { sellerOrderId: 'C-6', dropoff: { address: 'Somewhere 6' }, pincode: '4711' };
    const { id } = await stage.api('POST', '/v1/deliveries', order);
    await page.getByRole('link', { name: /C-6/ }).click();
    const [code, signature] = [page.getByLabel('New PIN code'), page.getByLabel('a signature')];
    await code.fill('5822');
    await page.getByRole('button', { name: 'Ask for something else' }).click();
    await signature.check();
    await stage.api('PATCH', `/v1/deliveries/${id}`, { notes: 'fragile' });
    await page.getByText('fragile').waitFor();
    expect([await code.inputValue(), await signature.isChecked()]).toEqual(['5822', true]);

    const refuse = () =>
      page.route('**/v1/**', (route) =>
        route.request().method() === 'GET' ? route.continue() : route.fulfill({ status: 503, body: '{}' }),
      );
    const press = async (name: string) => {
      const answered = page.waitForResponse((response) => response.request().method() !== 'GET');
      await page.getByRole('button', { name, exact: true }).click();
      return (await answered).status();
    };
    await refuse();
    const refused = page.getByRole('alert').getByText('Error 503');
    expect(await press('Set PIN code')).toBe(503);
    await refused.waitFor();
    expect(await code.inputValue()).toBe('5822');
    expect(await press('Ask for these')).toBe(503);
    expect(await signature.isChecked()).toBe(true);
    await page.unroute('**/v1/**');
    await press('Set PIN code');
    await eventually(async () => (await code.inputValue()) === '');
    await press('Ask for these');
    await signature.waitFor({ state: 'detached' });
    expect(await deliveryOf(id)).toMatchObject({ pincode: '5822', proofRequired: ['signature'] });

    await page.getByRole('link', { name: 'Keys' }).click();
    const name = page.getByLabel('What it is for');
    await name.fill('The till');
    await refuse();
    expect(await press('Make key')).toBe(503);
    await refused.waitFor();
    expect(await name.inputValue()).toBe('The till');
    await page.unroute('**/v1/**');
    expect(await press('Make key')).toBe(201);
    await eventually(async () => (await name.inputValue()) === '');
  },
  SLOW_MS,
);

test('an admin sees beside the keys how much the shop may ask, and who sets it', async () => {
  await stage.deps.db.run(
    `UPDATE dispatch.shop SET limits = '{"keyPerMinute":54321,"streamsPerShop":0}' WHERE id = $1`,
    [await stage.shopId()],
  );
  const page = await enter();
  await page.getByRole('link', { name: 'Keys' }).click();
  const limits = page.getByRole('region', { name: 'Limits' });
  await limits.getByText('Whoever runs the service sets it').waitFor();
  const rows = await limits.getByRole('listitem').allInnerTexts();
  const shownOf = (name: string) => rows.find((row) => row.startsWith(name));
  expect(shownOf('Requests a minute of one key')).toContain('54,321');
  expect(shownOf('Live streams of the shop')).toContain('no limit');
  expect(shownOf('Requests a minute of one driver')).toContain('as for all shops');
});

test('another site cannot use the session, and no cookie works without a page of ours', async () => {
  const page = await enter();
  const [cookie] = await page.context().cookies();
  const asked = (headers: Record<string, string>) =>
    fetch(`${stage.url}/v1/drivers`, { headers: { cookie: `${cookie!.name}=${cookie!.value}`, ...headers } }).then(
      ({ status }) => status,
    );
  expect(await asked({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await asked({})).toBe(401);
  expect(await asked({ 'sec-fetch-site': 'cross-site', 'x-requested-by': 'console' })).toBe(401);
  expect(await asked({ origin: 'https://evil.example' })).toBe(401);
});

test(
  '2,000 drivers and 500 open deliveries move smoothly',
  async () => {
    const shopId = await stage.shopId();
    const places = Array.from({ length: 2_000 }, (_, n) => ({
      lat: 52.4 + ((n * 7919) % 2_000) / 8_000,
      lon: 13.2 + ((n * 104_729) % 2_000) / 5_000,
    }));
    await buildDrivers(stage.deps.db, shopId, places);
    await stage.deps.db.run(
      `INSERT INTO dispatch.delivery (shop_id, order_ref, dispatch, version, pickup_lat, pickup_lon, pickup, dropoff_lat, dropoff_lon, dropoff)
     SELECT $1, 'M-' || n, 'exhausted', 1, 52.53, 13.4, '{}', 52.42 + (n * 37 % 500) / 2500.0, 13.25 + (n * 61 % 500) / 1700.0, '{}'
     FROM generate_series(1, 500) n`,
      [shopId],
    );
    const page = await enter();
    await page.getByText(/Open 50\d/).waitFor();
    await keepPicture(page, 'console-crowded');
    await page.evaluate(`window.frames = []; requestAnimationFrame(function next(now) {
    window.frames.push(now - (window.last ?? now));
    window.last = now;
    requestAnimationFrame(next);
  })`);
    const before = await page.locator('.ground').screenshot();
    await page.mouse.move(700, 300);
    await page.mouse.down();
    await page.mouse.move(1_100, 500, { steps: 80 });
    await page.mouse.up();
    const frames = ((await page.evaluate('window.frames')) as number[]).slice(1).sort((a, b) => a - b);
    expect(before.equals(await page.locator('.ground').screenshot())).toBe(false);
    const [median, p95] = [frames[Math.floor(frames.length / 2)]!, frames[Math.floor(frames.length * 0.95)]!];
    expect(median).toBeLessThan(34);
    expect(p95).toBeLessThan(120);
  },
  SLOW_MS,
);
