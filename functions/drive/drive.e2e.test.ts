import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { pickupsFirst } from '#shared/testing/pickups-first.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;

let stage: Stage;
let browser: TestBrowser;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const DOOR = { lat: 52.5212, lon: 13.4105 };

beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(() => expect(browser.faults()).toEqual([]));

async function hire(name: string): Promise<{ id: string; link: string }> {
  const { id } = await stage.api('POST', '/v1/drivers', { name, vehicle: 'bicycle' });
  const { path } = await stage.api('POST', `/v1/drivers/${id}/pairings`, {});
  return { id, link: `${stage.url}${path}` };
}
const deliveryOf = (id: string) => stage.api('GET', `/v1/deliveries/${id}`);

test(
  'a day in short: available, picked up, handed over with a photo and the PIN code',
  async () => {
    const { id: driver, link } = await hire('Asha Rao');
    const page = await browser.visit(link, { phone: true, geolocation: HERE });
    await page.getByRole('button', { name: 'Go available' }).click();
    await page.getByText('Your position is shared.').waitFor();
    expect(page.url()).not.toContain('token');
    const stop = { ...DOOR, address: 'Rosenstraße 2, Berlin', name: 'Kim Kunde', phone: '+49 170 7654321' };
    const { id } = await stage.api('POST', '/v1/deliveries', {
      sellerOrderId: 'B-3001',
      dropoff: stop,
      pincode: '4711',
    });
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByLabel(/PIN code/).waitFor();
    await keepPicture(page, 'drive-phone');
    await page.getByLabel(/PIN code/).fill('0000');
    const file = { name: 'photo.png', mimeType: 'image/png', buffer: await page.screenshot() };
    await page.getByLabel('Take a photo').setInputFiles(file);
    await page.getByAltText('What the camera has just seen').waitFor();
    await page.getByRole('button', { name: 'Delivered' }).click();
    const again = page.getByRole('alert').filter({ hasText: 'Wrong code. 4 tries left.' });
    await again.getByLabel(/PIN code/).fill('4711');
    await keepPicture(page, 'drive-wrong-pin');
    await again.getByRole('button', { name: 'Send again' }).click();
    await again.waitFor({ state: 'detached' });
    await page.getByText('No order at the moment').waitFor();
    await eventually(async () => (await deliveryOf(id)).status === 'DELIVERED');
    const delivery = await deliveryOf(id);
    expect(delivery).toMatchObject({ status: 'DELIVERED', driverId: driver });
    const photo = await fetch(new URL(delivery.proof.photoUrl, stage.url), {
      headers: { authorization: `Bearer ${stage.key}` },
    });
    expect(photo.headers.get('content-type')).toBe('image/jpeg');
    const { position } = await stage.api('GET', `/v1/drivers/${driver}/status`);
    expect(position.lat).toBeCloseTo(HERE.latitude, 4);
  },
  SLOW_MS,
);

test(
  'in a dead zone nothing is lost: steps and positions wait on the phone, also over a reload',
  async () => {
    const { id: driver, link } = await hire('Ben Okafor');
    const page = await browser.visit(link, { phone: true, dark: true, geolocation: HERE });
    await page.getByRole('switch').click();
    await page.getByText('Your position is shared.').waitFor();
    const { id } = await stage.api('POST', '/v1/deliveries', {
      sellerOrderId: 'B-3002',
      dropoff: { ...DOOR, address: 'Torstraße 1, Berlin' },
    });
    await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    await page.getByRole('button', { name: 'I have it' }).waitFor();
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    // Both, since a page that is loaded anew is online for a moment.
    await page.context().route('**/v1/**', (route) => route.abort());
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('Your steps are kept').waitFor();
    await page.context().setGeolocation({ latitude: 52.525, longitude: 13.405 });
    await page.getByRole('button', { name: 'Delivered' }).waitFor();
    await page.getByText('kept and sent later').waitFor();
    await keepPicture(page, 'drive-offline-dark');
    expect((await deliveryOf(id)).status).toBe('ASSIGNED');
    await page.reload();
    await page.getByText('No connection').first().waitFor();
    // As it was seen last, and as it is once the step has arrived.
    await page.getByRole('heading', { name: 'Torstraße 1, Berlin' }).waitFor();
    await page.getByRole('button', { name: 'Delivered' }).waitFor();
    await page.context().setOffline(false);
    await page.context().unroute('**/v1/**');
    await eventually(async () => (await deliveryOf(id)).status === 'PICKED_UP', { timeoutMs: 12_000 });
    await eventually(
      async () => Math.abs((await stage.api('GET', `/v1/drivers/${driver}/status`)).position.lat - 52.525) < 0.001,
      {
        timeoutMs: 12_000,
      },
    );
  },
  SLOW_MS,
);

test(
  'several orders are a route: all that is collected together first, then door by door, in the order the driver likes',
  async () => {
    const { id: driver, link } = await hire('Deniz Kaya');
    await stage.api('PATCH', `/v1/drivers/${driver}`, { capacity: 3 });
    const page = await browser.visit(link, { phone: true, geolocation: HERE });
    await page.getByRole('switch').click();
    await page.getByText('Your position is shared.').waitFor();
    const ids: string[] = [];
    for (const [name, lat] of [
      ['B-3011', 52.525],
      ['B-3012', 52.521],
    ] as const) {
      const dropoff = { ...DOOR, lat, address: `Door of ${name}` };
      const { id } = await stage.api('POST', '/v1/deliveries', { sellerOrderId: name, dropoff });
      await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
      ids.push(id);
    }
    await pickupsFirst(stage, driver, ids);
    await page.getByText('Take 2 orders').waitFor();
    const parcel = page.getByRole('article', { name: 'Order B-3011' });
    await parcel.getByText('Door of B-3011').waitFor();
    await page.getByRole('region', { name: 'After that' }).getByText('Door of B-3012').waitFor();
    await keepPicture(page, 'drive-route');
    await page.getByRole('button', { name: 'I have all 2' }).click();
    await page.getByRole('heading', { name: 'Door of B-3011' }).waitFor();
    await eventually(async () => (await deliveryOf(ids[1]!)).status === 'PICKED_UP');
    await page.getByRole('button', { name: 'Go there first' }).click();
    await page.getByRole('heading', { name: 'Door of B-3012' }).waitFor();
    const [first] = (await stage.api('GET', `/v1/drivers/${driver}/route`)).stops;
    expect(first).toMatchObject({ deliveryId: ids[1], kind: 'dropoff', pinned: true });
    await page.getByRole('button', { name: 'It does not work' }).click();
    await page.getByRole('button', { name: 'Recipient unavailable' }).click();
    await page.getByRole('button', { name: 'Yes, it does not work' }).click();
    await page.getByText('Bring back').first().waitFor();
    await eventually(async () => (await deliveryOf(ids[1]!)).status === 'FAILED');
    const isNext = page.getByRole('button', { name: 'It is back' });
    await page.getByRole('button', { name: 'Go there first' }).or(isNext).first().waitFor();
    if ((await isNext.count()) === 0) await page.getByRole('button', { name: 'Go there first' }).click();
    await isNext.click();
    await eventually(async () => (await deliveryOf(ids[1]!)).status === 'RETURNED');
    expect((await stage.api('GET', `/v1/drivers/${driver}/route`)).stops).toMatchObject([{ deliveryId: ids[0] }]);
  },
  SLOW_MS,
);

test(
  'it can be installed, what fails has a reason, and without a link nobody is anybody',
  async () => {
    const manifest = (await (await fetch(`${stage.url}/drive/manifest.webmanifest`)).json()) as {
      icons: { src: string }[];
    };
    expect((await fetch(stage.url + manifest.icons[0]!.src)).headers.get('content-type')).toBe('image/svg+xml');
    const { id: driver, link } = await hire('Carla Nunes');
    const page = await browser.visit(link, { phone: true, geolocation: HERE });
    await page.getByRole('switch').click();
    await page.getByText('Your position is shared.').waitFor();
    const { id } = await stage.api('POST', '/v1/deliveries', {
      sellerOrderId: 'B-3003',
      dropoff: { ...DOOR, address: 'Ackerstraße 9' },
    });
    await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'It does not work' }).click();
    await page.getByRole('button', { name: 'Recipient unavailable' }).click();
    await page.getByRole('button', { name: 'Yes, it does not work' }).click();
    await eventually(async () => (await deliveryOf(id)).failureCode === 'RECIPIENT_UNAVAILABLE');
    const stranger = await browser.visit(`${stage.url}/drive`, { phone: true });
    await stranger.getByText('Scan the QR code').waitFor();
  },
  SLOW_MS,
);

test(
  'a step is kept when its link has expired, and sent with the next code or link; somebody else’s link asks first',
  async () => {
    const { id: driver, link } = await hire('Emil Novak');
    const page = await browser.visit(link, { phone: true, geolocation: HERE });
    await page.getByRole('switch').click();
    await page.getByText('Your position is shared.').waitFor();
    const { id } = await stage.api('POST', '/v1/deliveries', { sellerOrderId: 'B-3021', dropoff: DOOR });
    await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    await page.getByRole('button', { name: 'I have it' }).waitFor();
    // Of the page alone: the browser may wake its worker at any time, which by then is refused.
    let authorization = '';
    await page.context().route('**/v1/**', (route) => {
      ({ authorization = '' } = route.request().headers());
      return route.abort();
    });
    const { token } = await stage.api('POST', `/v1/drivers/${driver}/tokens`, { revokePrevious: true });
    // Until then the service remembers the old one as good.
    const asked = () => fetch(`${stage.url}/v1/drivers/${driver}`, { headers: { authorization } });
    await eventually(async () => authorization !== '' && (await asked()).status === 401, { timeoutMs: 20_000 });
    await page.getByRole('button', { name: 'I have it' }).click();
    // At once, not when the connection has been given up.
    await page.getByText('1 step waiting').waitFor({ timeout: 1_000 });
    await page.context().unroute('**/v1/**');
    await page.getByText('This link has expired').waitFor({ timeout: 20_000 });
    await page.getByText('A step that you took will be sent').waitFor();
    expect((await deliveryOf(id)).status).toBe('ASSIGNED');

    const other = await hire('Farah Aziz');
    const questions: string[] = [];
    page.once('dialog', (dialog) => {
      questions.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto('about:blank');
    await page.goto(other.link);
    await page.getByText('This link has expired').waitFor({ timeout: 20_000 });
    expect(questions).toEqual([expect.stringContaining('a driver’s already')]);
    page.on('dialog', (dialog) => void dialog.accept());
    const type = async (code: string) => {
      await page.getByRole('textbox').fill(code);
      await page.getByRole('button', { name: 'This is my phone' }).click();
    };
    await type('not a code');
    await page.getByRole('alert').getByText('Ask your dispatcher for a new one').waitFor();
    await page.getByText('A step that you took will be sent').waitFor();
    await type((await stage.api('POST', `/v1/drivers/${driver}/pairings`, {})).code);
    await eventually(async () => (await deliveryOf(id)).status === 'PICKED_UP', { timeoutMs: 12_000 });
    // Of the same driver: taken at once.
    await page.goto('about:blank');
    await page.goto(`${stage.url}/drive#token=${token}`);
    await page.getByRole('button', { name: 'Delivered' }).waitFor();
  },
  SLOW_MS,
);
