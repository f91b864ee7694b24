import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { arrange } from '#shared/testing/pickups-first.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;

let stage: Stage;
let browser: TestBrowser;
let driver: string;
let token: string;

const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5212, lon: 13.4105 };
const BETWEEN = { lat: 52.5262, lon: 13.4042 };
/** A picture of one pixel, as a phone would send it. */
const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
  ({ id: driver } = await stage.api('POST', '/v1/drivers', {
    name: 'Asha Rao',
    vehicle: 'bicycle',
    phone: '+49 30 1234567',
  }));
  ({ token } = await stage.api('POST', `/v1/drivers/${driver}/tokens`, {}));
  await stage.api('POST', `/v1/drivers/${driver}/location`, SHOP);
  await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(() => expect(browser.faults()).toEqual([]));

test(
  'from order to door: the driver is shown between pickup and dropoff only, and nothing else leaks',
  async () => {
    const stop = {
      ...DOOR,
      address: 'Rosenstraße 2',
      name: 'Kim Kunde',
      phone: '+49 170 7654321',
      notes: 'Hinterhaus',
    };
    const order = { sellerOrderId: 'B-2001', dropoff: stop, notes: 'fragile', pincode: '4711' };
    const { id } = await stage.api('POST', '/v1/deliveries', order);
    const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
    const seen = async () => (await fetch(`${stage.url}/v1${path}`)).text();
    const page = await browser.visit(stage.url + path, { phone: true });
    await page.getByRole('heading', { name: 'A driver is picking up your order' }).waitFor();
    expect(JSON.parse(await seen())).toMatchObject({
      status: 'ASSIGNED',
      driver: null,
      eta: { source: 'estimate' },
      proof: null,
    });

    await stage.api('POST', `/v1/deliveries/${id}/status`, { status: 'PICKED_UP' }, token);
    await stage.api('POST', `/v1/drivers/${driver}/location`, BETWEEN, token);
    await page.getByRole('heading', { name: 'Asha is on the way to you' }).waitFor();
    await page.getByText(/position of/).waitFor();
    const between = await seen();
    const { driver: shown } = JSON.parse(between);
    expect(shown).toMatchObject({ firstName: 'Asha', vehicle: 'bicycle' });
    expect(shown.position.lat).toBeCloseTo(BETWEEN.lat, 4);
    for (const secret of ['Rao', 'fragile', 'Kim', 'Hinterhaus', '7654321', '1234567', 'Rosenstra', driver, id]) {
      expect(between).not.toContain(secret);
    }
    await keepPicture(page, 'track-phone');
    const dark = await browser.visit(stage.url + path, { dark: true });
    await dark.getByText(/position of/).waitFor();
    await keepPicture(dark, 'track-dark');

    const sent = await fetch(`${stage.url}/v1/deliveries/${id}/proof`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'image/png' },
      body: PHOTO,
    });
    const { photoUrl } = (await sent.json()) as { photoUrl: string };
    const proof = { photoUrl, receivedBy: 'the neighbour' };
    await stage.api('POST', `/v1/deliveries/${id}/status`, { status: 'DELIVERED', pincode: '4711', proof }, token);
    await page.getByRole('heading', { name: 'Your order has been delivered' }).waitFor();
    await page.getByText('the neighbour').waitFor();
    await page.getByRole('img', { name: /Your parcel/ }).waitFor();
    expect(JSON.parse(await seen())).toMatchObject({ status: 'DELIVERED', driver: null, eta: null });
  },
  SLOW_MS,
);

test(
  'before anybody is told the expected time is shown, and on the way how many stops come first',
  async () => {
    const { id: courier } = await stage.api('POST', '/v1/drivers', { name: 'Ben Okafor', capacity: 3 });
    await stage.api('POST', `/v1/drivers/${courier}/location`, SHOP);
    const [after, before] = ['2040-01-01T17:00:00Z', '2040-01-01T18:00:00Z'];
    const ids: string[] = [];
    for (const dropoff of [DOOR, { ...DOOR, lat: 52.5195 }, { ...DOOR, after, before }]) {
      ids.push((await stage.api('POST', '/v1/deliveries', { dropoff })).id);
    }
    const [first, second, later] = ids as [string, string, string];
    const visit = async (id: string) => {
      const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
      return browser.visit(stage.url + path, { phone: true });
    };
    const planned = await visit(later);
    await planned.getByRole('heading', { name: 'Your delivery is planned' }).waitFor();
    await planned.getByText(/^Expected 1 Jan,? .* to /).waitFor();
    await stage.api('PUT', `/v1/drivers/${courier}/status`, { status: 'AVAILABLE' });
    for (const id of [first, second]) {
      await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: courier });
      await stage.api('POST', `/v1/deliveries/${id}/status`, { status: 'PICKED_UP' });
    }
    await arrange(
      stage,
      courier,
      [first, second].map((deliveryId) => ({ deliveryId, kind: 'dropoff' })),
    );
    const page = await visit(second);
    await page.getByText('1 stop before you').waitFor();
    await stage.api('POST', `/v1/deliveries/${first}/status`, { status: 'DELIVERED' });
    await page.getByText('1 stop before you').waitFor({ state: 'detached' });
  },
  SLOW_MS,
);

test('a link that was never given leads nowhere; a service that cannot say so yet is asked again', async () => {
  const page = await browser.visit(`${stage.url}/track/${'A'.repeat(43)}`);
  const nowhere = page.getByRole('heading', { name: 'This link does not lead anywhere' });
  await nowhere.waitFor();
  await page.clock.install();
  await page.route('**/v1/track/**', (route) => route.fulfill({ status: 503, body: '' }));
  await page.reload();
  await page.getByRole('status').getByText('This page goes on asking by itself').waitFor();
  await page.unroute('**/v1/track/**');
  await page.clock.fastForward(5_000);
  await nowhere.waitFor();
  expect((await fetch(`${stage.url}/v1/track/${'A'.repeat(43)}`)).status).toBe(404);
});
