import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { speak } from '#shared/pages/spoken.ts';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { texts } from './page/language.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 90_000;
const LOCALES = ['en-GB', 'de-DE', 'ar-EG'];
const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5012, lon: 13.4605 };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

/** The heading that a status has in each language, and what the page looks like with it. */
async function eachSays(pages: readonly Page[], headline: () => string, state: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [nth, locale] of LOCALES.entries()) {
    speak(null, [locale]);
    await pages[nth]!.getByRole('heading', { name: headline() }).waitFor();
    faults.push(...(await layoutFaults(pages[nth]!, `${state}, ${locale}`)));
  }
  return faults;
}

// First: a page that was opened before knows no other policy than that of its time.
test('the shop’s picture is fetched from where it is, and what does not come is left out', async () => {
  const logoUrl = 'https://pictures.invalid/logo.png';
  await stage.api('PATCH', `/v1/shops/${await stage.shopId()}`, { customerPage: { logoUrl } });
  const { id } = await stage.api('POST', '/v1/deliveries', { dropoff: DOOR });
  const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
  const page = await browser.visit(stage.url + path, { phone: true });
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.shop img').waitFor({ state: 'detached' });
  // It was asked for: the content security policy lets this one picture through.
  expect(new Set(browser.faults())).toEqual(new Set(['asked pictures.invalid']));
  await stage.api('PATCH', `/v1/shops/${await stage.shopId()}`, { customerPage: { logoUrl: null } });
});

test(
  'what happened and what comes next is said in the reader’s language, on the narrowest phone, and axe finds nothing',
  async () => {
    const { id: driver } = await stage.api('POST', '/v1/drivers', {
      name: 'Asha Rao',
      vehicle: 'cargo_bike',
      capacity: 5,
    });
    await stage.api('POST', `/v1/drivers/${driver}/location`, SHOP);
    const order = { sellerOrderId: 'an-order-reference-that-is-as-long-as-some-shops-make-them-0001', dropoff: DOOR };
    const { id } = await stage.api('POST', '/v1/deliveries', order);
    const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
    const pages = await Promise.all(LOCALES.map((locale) => browser.visit(stage.url + path, { phone: true, locale })));
    const say = (status: string, more: object = {}) =>
      stage.api('POST', `/v1/deliveries/${id}/status`, { status, ...more });
    const faults = await eachSays(pages, () => texts.findingDriver, 'nobody yet');
    await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
    if ((await stage.api('GET', `/v1/deliveries/${id}`)).status === 'PENDING')
      await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    faults.push(...(await eachSays(pages, () => texts.pickingUp, 'assigned')));
    await pages[0]!.getByText(/Arrives between \d\d:\d[05] and \d\d:\d[05]/).waitFor();
    await say('PICKED_UP');
    faults.push(...(await eachSays(pages, () => texts.driverOnTheWay('Asha'), 'on the way')));
    await say('FAILED', { failureCode: 'RECIPIENT_UNAVAILABLE' });
    faults.push(...(await eachSays(pages, () => texts.notDelivered, 'failed')));
    await pages[0]!.getByText('The driver takes it back to the shop').waitFor();
    await say('RETURNED');
    await pages[0]!.getByText('It is back at the shop').waitFor();
    faults.push(...(await layoutFaults(pages[0]!, 'returned')));

    const second = await stage.api('POST', '/v1/deliveries', {
      dropoff: DOOR,
      pickup: { ...SHOP, after: '2099-01-01T10:00:00Z' },
    });
    const link = await stage.api('GET', `/v1/deliveries/${second.id}/tracking`);
    await stage.api('POST', `/v1/deliveries/${second.id}/cancel`, {});
    const other = await browser.visit(stage.url + link.path, { phone: true });
    await other.getByText('If you did not ask for that, ask the shop').waitFor();
    faults.push(...(await layoutFaults(other, 'cancelled')));
    expect(faults).toEqual([]);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

test(
  'in the shop’s colours: the code, whom to call, what to tell the driver, and how it was',
  async () => {
    const customerPage = { color: '#ffd400', phone: '+49 30 7654321', callDriver: true };
    await stage.api('PATCH', `/v1/shops/${await stage.shopId()}`, { name: 'Bakery Berlin', customerPage });
    const phone = '+49 30 1234567';
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Ben Okafor', phone, vehicle: 'bicycle' });
    await stage.api('POST', `/v1/drivers/${driver}/location`, SHOP);
    const { id } = await stage.api('POST', '/v1/deliveries', {
      dropoff: DOOR,
      pincode: '4711',
      sellerOrderId: 'B-2002',
    });
    await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
    if ((await stage.api('GET', `/v1/deliveries/${id}`)).driverId !== driver)
      await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    await stage.api('POST', `/v1/deliveries/${id}/status`, { status: 'PICKED_UP' });
    const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
    const pages = await Promise.all(LOCALES.map((locale) => browser.visit(stage.url + path, { phone: true, locale })));
    const faults = await eachSays(pages, () => texts.driverOnTheWay('Ben'), 'with a code');
    const english = pages[0]!;
    await english.getByText('4711').waitFor();
    expect(await english.getByRole('link', { name: 'Call the shop' }).getAttribute('href')).toBe('tel:+49307654321');
    expect(await english.getByRole('link', { name: 'Call Ben' }).getAttribute('href')).toBe('tel:+49301234567');
    await keepPicture(english, 'track-shop');

    for (const [nth, page] of pages.entries()) {
      speak(null, [LOCALES[nth]!]);
      await page.getByRole('button', { name: texts.tellDriver }).click();
      await page.getByLabel(texts.doorNotes).and(page.locator(':focus')).waitFor();
      await page.getByLabel(texts.safePlace).fill('Behind the bench');
      faults.push(...(await layoutFaults(page, `telling the driver, ${LOCALES[nth]}`)));
    }
    await english.getByRole('button', { name: 'Save' }).click();
    await english.getByText('it may be left here: Behind the bench').waitFor();
    await english.getByRole('button', { name: 'Change' }).and(english.locator(':focus')).waitFor();
    faults.push(...(await layoutFaults(english, 'told the driver')));
    expect((await stage.api('GET', `/v1/deliveries/${id}`)).dropoff.safePlace).toBe('Behind the bench');

    await stage.api('POST', `/v1/deliveries/${id}/status`, { status: 'DELIVERED', pincode: '4711' });
    faults.push(...(await eachSays(pages, () => texts.delivered, 'how was it')));
    expect(await english.getByText('4711').count()).toBe(0);
    // The question comes by itself: it takes the focus from nobody.
    expect(await english.getByRole('radio').and(english.locator(':focus')).count()).toBe(0);
    for (const [nth, page] of pages.entries()) {
      speak(null, [LOCALES[nth]!]);
      await page.getByRole('radio', { name: texts.stars(4) }).check({ force: true });
      await page.getByLabel(texts.ratingNote).fill('Warm and on time');
      faults.push(...(await layoutFaults(page, `rating, ${LOCALES[nth]}`)));
    }
    await english.getByRole('button', { name: 'Send' }).click();
    await english.getByRole('heading', { name: 'Thank you' }).and(english.locator(':focus')).waitFor();
    await english.getByRole('button', { name: 'Change' }).click();
    await english.getByRole('radio', { name: '4 stars' }).and(english.locator(':focus')).waitFor();
    await english.getByRole('button', { name: 'Back' }).click();
    await english.getByRole('heading', { name: 'Thank you' }).and(english.locator(':focus')).waitFor();
    faults.push(...(await layoutFaults(english, 'rated')));
    expect((await stage.api('GET', `/v1/deliveries/${id}`)).rating).toMatchObject({
      stars: 4,
      note: 'Warm and on time',
    });
    expect(faults).toEqual([]);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

test('a messenger that previews the link shows what it is and whose shop, and nothing of whose delivery', async () => {
  await stage.api('PATCH', `/v1/shops/${await stage.shopId()}`, { name: 'Bakery Berlin' });
  const { id } = await stage.api('POST', '/v1/deliveries', { dropoff: { ...DOOR, name: 'Kim Kunde' } });
  const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
  const html = await (await fetch(stage.url + path)).text();
  expect(html).toContain('<meta property="og:title" content="Your delivery · Bakery Berlin">');
  expect(html).toContain('<meta property="og:description"');
  expect(html).not.toContain('Kim');
});
