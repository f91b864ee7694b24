import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

test(
  'a driver sees what has changed of the order in hand, until they say so, also after a reload',
  async () => {
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', vehicle: 'bicycle' });
    const { path } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
    const page = await browser.visit(`${stage.url}${path}`, { phone: true, geolocation: HERE });
    await page.getByRole('button', { name: 'Go available' }).click();
    const dropoff = { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2' };
    const { id } = await stage.api('POST', '/v1/deliveries', { sellerOrderId: 'B-1', dropoff });
    await page.getByRole('button', { name: 'I have it' }).waitFor();
    expect(await page.getByText('Changed:').count()).toBe(0);
    await stage.api('PATCH', `/v1/deliveries/${id}`, { dropoff: { address: 'Rosenstraße 9' }, notes: 'Ring twice' });
    const note = page.getByText('Changed: the notes, the address');
    await note.waitFor();
    await page.getByText('Ring twice').waitFor();
    await page.getByRole('button', { name: 'I have seen it' }).click();
    await note.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('heading', { name: 'Rosenstraße 9' }).waitFor();
    expect(await note.count()).toBe(0);
    await stage.api('PATCH', `/v1/deliveries/${id}`, { dropoff: { phone: '+49 30 1234567' } });
    await page.getByText('Changed: the phone number').waitFor();
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
