import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const DOOR = { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2' };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(async () => {
  const { items } = await stage.api('GET', '/v1/drivers');
  for (const { id } of items) await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });
  expect(browser.faults()).toEqual([]);
});

const asks = async (proof: object) => stage.api('PATCH', `/v1/shops/${await stage.shopId()}`, { proof });
const deliveryOf = (id: string) => stage.api('GET', `/v1/deliveries/${id}`);

/** A driver at the door with a parcel. */
async function atTheDoor(sellerOrderId: string, more: object = {}): Promise<{ page: Page; id: string }> {
  const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', capacity: 1 });
  const { path } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
  const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE });
  await page.getByRole('switch').click();
  await page.getByText('Your position is shared.').waitFor();
  const { id } = await stage.api('POST', '/v1/deliveries', { sellerOrderId, dropoff: DOOR, ...more });
  if ((await deliveryOf(id)).status === 'PENDING')
    await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'Delivered', exact: true }).waitFor();
  return { page, id };
}

/** Three strokes with a finger. */
async function sign(page: Page): Promise<void> {
  const pad = page.getByRole('img', { name: 'Signature' });
  await pad.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await pad.boundingBox())!;
  for (const from of [0.2, 0.4, 0.6]) {
    await page.mouse.move(x + width * from, y + height * 0.3);
    await page.mouse.down();
    await page.mouse.move(x + width * (from + 0.1), y + height * 0.7, { steps: 5 });
    await page.mouse.up();
  }
}

async function photograph(page: Page): Promise<void> {
  const file = { name: 'photo.png', mimeType: 'image/png', buffer: await page.screenshot() };
  await page.getByLabel('Take a photo').setInputFiles(file);
  await page.getByAltText('What the camera has just seen').waitFor();
}

test(
  'what the shop asks for is asked for, each part before the parcel counts, and arrives',
  async () => {
    await asks({ delivered: ['photo', 'signature', 'name', 'age18'], failed: [] });
    const { page, id } = await atTheDoor('P-1');
    const delivered = page.getByRole('button', { name: 'Delivered', exact: true });
    await page.getByLabel('Received by').fill('Kim');
    await page.getByLabel('the recipient is 18 or older').check();
    await delivered.click();
    await page.getByText('A photo is needed here').waitFor();
    await photograph(page);
    await delivered.click();
    await page.getByText('A signature is needed here').waitFor();
    await sign(page);
    await delivered.click();
    await eventually(async () => (await deliveryOf(id)).status === 'DELIVERED');
    expect((await deliveryOf(id)).proof).toMatchObject({
      receivedBy: 'Kim',
      ageChecked: 18,
      signature: expect.stringMatching(/^M.+L.+M.+L.+M.+L/),
      photoUrl: expect.stringContaining(id),
    });
  },
  SLOW_MS,
);

test(
  'a step that lacks what is asked for meanwhile stays, asks for just that, and is sent with the rest of it',
  async () => {
    await asks({ delivered: [], failed: [] });
    const { page, id } = await atTheDoor('P-2');
    await eventually(async () => (await deliveryOf(id)).status === 'PICKED_UP');
    await page.context().route('**/v1/**', (route) => route.abort());
    // Before the step: the browser may wake the page's worker at any time, which no route holds back.
    await asks({ delivered: ['signature', 'name'] });
    await page.getByLabel('Received by').fill('Kim');
    await page.getByRole('button', { name: 'Delivered', exact: true }).click();
    await page.context().unroute('**/v1/**');
    const banner = page.getByRole('alert').filter({ hasText: 'the shop asks for more before it counts' });
    await banner.waitFor();
    expect(await banner.getByLabel('Received by').count()).toBe(0);
    await page.evaluate('scrollTo(0, 0)');
    await keepPicture(page, 'drive-proof-missing');
    await sign(page);
    await banner.getByRole('button', { name: 'Send again' }).click();
    await eventually(async () => (await deliveryOf(id)).status === 'DELIVERED');
    expect((await deliveryOf(id)).proof).toMatchObject({ receivedBy: 'Kim', signature: expect.any(String) });
    await banner.waitFor({ state: 'detached' });
  },
  SLOW_MS,
);

test(
  'a failure brings the note and the photograph that the shop asks of one; left with a neighbour it is delivered',
  async () => {
    await asks({ delivered: [], failed: ['note', 'photo'] });
    const failed = await atTheDoor('P-3');
    await failed.page.getByRole('button', { name: 'It does not work' }).click();
    await failed.page.getByRole('button', { name: 'Recipient unavailable' }).click();
    await failed.page.getByLabel('What happened').fill('The bell is broken');
    await failed.page.getByRole('button', { name: 'Yes, it does not work' }).click();
    await failed.page.getByText('A photo is needed here').waitFor();
    await photograph(failed.page);
    await failed.page.getByRole('button', { name: 'Yes, it does not work' }).click();
    await eventually(async () => (await deliveryOf(failed.id)).status === 'FAILED');
    const { failureNote, proof } = await deliveryOf(failed.id);
    expect([failureNote, proof.photoUrl]).toEqual(['The bell is broken', expect.stringContaining(failed.id)]);

    const left = await atTheDoor('P-4');
    await left.page.getByRole('button', { name: 'It does not work' }).click();
    await left.page.getByRole('button', { name: 'Left with a neighbour' }).click();
    await left.page.getByLabel('Received by').fill('Noor next door');
    await left.page.getByRole('button', { name: 'Left with a neighbour' }).click();
    await eventually(async () => (await deliveryOf(left.id)).status === 'DELIVERED');
    expect((await deliveryOf(left.id)).proof).toEqual({ receivedBy: 'Noor next door', note: 'Left with a neighbour' });
  },
  SLOW_MS,
);
