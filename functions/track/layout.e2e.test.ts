import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { speak, texts } from '#shared/pages/language.ts';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

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
    const faults = await eachSays(pages, () => texts.track.findingDriver, 'nobody yet');
    await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
    if ((await stage.api('GET', `/v1/deliveries/${id}`)).status === 'PENDING')
      await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    faults.push(...(await eachSays(pages, () => texts.track.pickingUp, 'assigned')));
    await pages[0]!.getByText(/Arrives between \d\d:\d[05] and \d\d:\d[05]/).waitFor();
    await say('PICKED_UP');
    faults.push(...(await eachSays(pages, () => texts.track.driverOnTheWay('Asha'), 'on the way')));
    await say('FAILED', { failureCode: 'RECIPIENT_UNAVAILABLE' });
    faults.push(...(await eachSays(pages, () => texts.track.notDelivered, 'failed')));
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

test('a messenger that previews the link shows what it is, and nothing of whose', async () => {
  const { id } = await stage.api('POST', '/v1/deliveries', { dropoff: { ...DOOR, name: 'Kim Kunde' } });
  const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
  const html = await (await fetch(stage.url + path)).text();
  expect(html).toContain('<meta property="og:title" content="Your delivery">');
  expect(html).toContain('<meta property="og:description"');
  expect(html).not.toContain('Kim');
});
