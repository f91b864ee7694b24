import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
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
  'whatever takes its own button away leaves the focus with what comes next; what comes by itself takes it from nobody',
  async () => {
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', capacity: 1 });
    const { path } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
    const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE });
    await page.getByRole('switch').click();
    await page.getByText('Your position is shared.').waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    const isFocused = (words: RegExp) => eventually(async () => words.test(await focused()));
    await page.evaluate('document.activeElement.blur()');
    const { id } = await stage.api('POST', '/v1/deliveries', {
      sellerOrderId: 'K-1',
      pickup: { lat: 52.5291, lon: 13.4013, address: 'Lager 1' },
      dropoff: { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2' },
    });
    await page.getByRole('button', { name: 'I have it' }).waitFor();
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
    const press = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
    };
    await press('I have it');
    await isFocused(/^Rosenstraße 2$/);
    await press('It does not work');
    await isFocused(/^What is wrong/);
    await press('Refused');
    await isFocused(/^Refused: are you sure/);
    await press('Back');
    await isFocused(/^What is wrong/);
    await press('Back');
    await isFocused(/^It does not work$/);
    await press('Delivered');
    await isFocused(/^Asha Rao$/);
    await eventually(async () => (await stage.api('GET', `/v1/deliveries/${id}`)).status === 'DELIVERED');
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
