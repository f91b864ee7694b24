import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { ar } from './page/texts/ar.ts';
import { de } from './page/texts/de.ts';
import { type ConsoleTexts, en } from './page/texts/en.ts';

/** Each section of the console, on a phone and in a window, in three languages, on a busy machine. */
const SLOW_MS = 180_000;
const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5012, lon: 13.4605, address: 'Marchlewskistraße 12, Berlin', name: 'Jonas Weber' };

let stage: Stage;
let browser: TestBrowser;
let driver: string;
let waiting: string;
let failed: string;
beforeAll(async () => {
  [stage, browser] = await Promise.all([openStage(), openBrowser()]);
  driver = (await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', vehicle: 'cargo_bike', capacity: 5 })).id;
  await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
  await stage.api('POST', `/v1/drivers/${driver}/location`, SHOP);
  const order = (sellerOrderId: string, dropoff: object) =>
    stage.api('POST', '/v1/deliveries', { sellerOrderId, dropoff });
  waiting = (await order('A-1', { address: 'Somewhere' })).id;
  failed = (await order('A-2', DOOR)).id;
  // Planned at once, or a moment after the answer where the machine is busy.
  await eventually(async () => (await stage.api('GET', `/v1/deliveries/${failed}`)).status === 'ASSIGNED');
  await stage.api('POST', `/v1/deliveries/${failed}/status`, { status: 'PICKED_UP' });
  const why = { failureCode: 'RECIPIENT_UNAVAILABLE' };
  await stage.api('POST', `/v1/deliveries/${failed}/status`, { status: 'FAILED', ...why });
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

/** What is wrong with each section. */
async function faultsIn(page: Page, locale: string, texts: ConsoleTexts): Promise<readonly string[]> {
  const faults: string[] = [];
  const look = async (hash: string, shown: string) => {
    await page.goto(`${stage.url}/console#/${hash}`);
    await page.getByText(shown, { exact: true }).first().waitFor();
    faults.push(...(await layoutFaults(page, `${hash.split('/')[0]}, ${locale}`)));
  };
  await look('deliveries', texts.waits.needsLocation);
  await look(`deliveries/${waiting}`, texts.place.setDropoffOnMap);
  await look(`deliveries/${failed}`, texts.failure.isBack);
  await look('drivers', 'Asha Rao');
  await look(`drivers/${driver}`, texts.phones.show);
  await look('today', texts.today.hours);
  await look('webhooks', texts.webhooks.noEndpoint);
  await look('keys', texts.keys.make);
  return faults;
}

test.each([
  ['en-GB', en],
  ['de-DE', de],
  ['ar-EG', ar],
] as const)(
  '%s: every section is said in it, fits the narrowest phone, and axe finds nothing',
  async (locale, texts) => {
    const page = await browser.visit(await stage.loginLink(), { locale });
    await page.getByText(texts.link.streaming.text, { exact: true }).waitFor();
    expect(await faultsIn(page, locale, texts)).toEqual([]);
    await page.goto(`${stage.url}/console#/deliveries/${failed}`);
    await page.getByText(texts.failure.isBack, { exact: true }).waitFor();
    if (texts !== en) await keepPicture(page, `console-${locale.slice(0, 2)}`);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

/** Of what is written from left to right the first sign is left of the last one. */
const readsFromLeft = (words: string) => `(() => {
  const words = ${JSON.stringify(words)};
  const texts = document.createTreeWalker(document.getElementById('panel'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode() && !texts.currentNode.data.includes(words));
  const begin = texts.currentNode.data.indexOf(words);
  const leftOf = (place) => {
    const range = document.createRange();
    range.setStart(texts.currentNode, place);
    range.setEnd(texts.currentNode, place + 1);
    return range.getBoundingClientRect().left;
  };
  return leftOf(begin) < leftOf(begin + words.length - 1);
})()`;

test(
  'from right to left: an address and a telephone number keep their own order, and back is to the right',
  async () => {
    const [address, phone] = ['12 Marchlewskistraße', '+49 30 1234567'];
    const order = { sellerOrderId: 'A-3', dropoff: { address, phone } };
    const { id } = await stage.api('POST', '/v1/deliveries', order);
    await stage.api('PATCH', `/v1/drivers/${driver}`, { phone });
    const page = await browser.visit(await stage.loginLink(), { locale: 'ar-EG' });
    const reads = async (words: string) =>
      expect([words, await page.evaluate<boolean>(readsFromLeft(words))]).toEqual([words, true]);
    await page.getByText(address).waitFor();
    await reads(address);
    await page.goto(`${stage.url}/console#/deliveries/${id}`);
    await page.getByRole('link', { name: ar.delivery.back, exact: true }).waitFor();
    await reads(address);
    await reads(phone);
    await page.goto(`${stage.url}/console#/drivers/${driver}`);
    await page.getByRole('link', { name: ar.driver.back, exact: true }).waitFor();
    await reads(phone);
    expect([ar.delivery.back[0], ar.driver.back[0], en.delivery.back[0], en.driver.back[0]]).toEqual([...'→→←←']);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

test(
  'a language that is chosen is kept in this browser',
  async () => {
    const page = await browser.visit(await stage.loginLink(), { locale: 'en-GB' });
    await page.getByText(en.link.streaming.text, { exact: true }).waitFor();
    await page.getByLabel(en.language).selectOption('de');
    await page.getByRole('link', { name: de.tabs.deliveries, exact: true }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: de.tabs.deliveries, exact: true }).waitFor();
    expect(await page.evaluate<string>('document.documentElement.lang')).toBe('de');
  },
  SLOW_MS,
);
