import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { speak } from '#shared/pages/spoken.ts';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { texts } from './page/language.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
  const { shop } = await stage.api('GET', '/v1/me');
  await stage.api('PATCH', `/v1/shops/${shop.id}`, { dispatch: { mode: 'offer', offerS: 600 } });
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(() => expect(browser.faults()).toEqual([]));

test(
  'an offer is shown with what it is about and the time that is left; the yes makes it the driver’s, the no says why',
  async () => {
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Noor Haddad', vehicle: 'bicycle' });
    const { path } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
    const page = await browser.visit(`${stage.url}${path}`, { phone: true, geolocation: HERE });
    await page.getByRole('button', { name: 'Go available' }).click();
    await page.getByText('Your position is shared.').waitFor();
    const placed = (sellerOrderId: string) =>
      stage.api('POST', '/v1/deliveries', {
        sellerOrderId,
        dropoff: { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2, Berlin', name: 'Kim Kunde' },
      });
    const first = await placed('O-1');
    const offer = page.getByRole('article', { name: 'Offer' });
    await offer.getByText('Rosenstraße 2, Berlin').waitFor();
    expect(await offer.textContent()).not.toContain('Kim Kunde');
    await keepPicture(page, 'drive-offer');
    expect(await layoutFaults(page, 'asked')).toEqual([]);
    await offer.getByRole('button', { name: 'No' }).click();
    expect(await layoutFaults(page, 'asked why not')).toEqual([]);
    await offer.getByRole('button', { name: 'Too far' }).click();
    await offer.waitFor({ state: 'detached' });
    const { events } = await stage.api('GET', `/v1/deliveries/${first.id}`);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'OFFER_DECLINED', data: expect.objectContaining({ reason: 'too_far' }) }),
    );
    const second = await placed('O-2');
    await offer.getByRole('button', { name: 'I take it' }).click();
    await page.getByRole('button', { name: 'I have it' }).waitFor();
    await eventually(async () => (await stage.api('GET', `/v1/deliveries/${second.id}`)).status === 'ASSIGNED');
    await stage.api('POST', `/v1/deliveries/${first.id}/cancel`, {});
  },
  SLOW_MS,
);

test(
  'a yes that did not arrive is said in the driver’s language and can be said again; the countdown is not read out',
  async () => {
    // Nobody of the test before is asked.
    for (const { id } of (await stage.api('GET', '/v1/drivers')).items)
      await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });
    // Counted in seconds from the beginning.
    await stage.api('PATCH', `/v1/shops/${await stage.shopId()}`, { dispatch: { mode: 'offer', offerS: 115 } });
    speak(null, ['ar-EG']);
    const said = texts;
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Noor Haddad', vehicle: 'bicycle' });
    const { path } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
    const page = await browser.visit(`${stage.url}${path}`, { phone: true, geolocation: HERE, locale: 'ar-EG' });
    await page.getByRole('button', { name: said.goAvailable }).click();
    await page.getByText(said.sharing.sharing).waitFor();
    const { id } = await stage.api('POST', '/v1/deliveries', {
      sellerOrderId: 'O-3',
      dropoff: { lat: 52.5212, lon: 13.4105, address: '2 Rosenstraße, Berlin' },
    });
    const offer = page.getByRole('article', { name: said.offer });
    const told = offer.getByRole('alert');
    await told.getByText('2 Rosenstraße, Berlin').waitFor();
    const countdown = offer.getByRole('timer');
    const [words, left] = [await told.innerHTML(), await countdown.textContent()];
    await eventually(async () => (await countdown.textContent()) !== left);
    expect(await told.innerHTML()).toBe(words);
    expect(await offer.locator('[aria-live]:not([aria-live=off])').count()).toBe(0);
    expect(await offer.getAttribute('aria-live')).toBeNull();
    expect(await layoutFaults(page, 'asked, from right to left')).toEqual([]);

    const yes = offer.getByRole('button', { name: said.iTakeIt });
    await page.context().route('**/accept', (route) => route.abort());
    await yes.click();
    await page.getByRole('alert').getByText(said.faults.noConnection).waitFor();
    await page.context().unroute('**/accept');
    const away = { type: 'urn:problem:unavailable', title: 'Not available for the moment', status: 503 };
    const headers = { 'content-type': 'application/problem+json' };
    await page
      .context()
      .route('**/accept', (route) => route.fulfill({ status: 503, headers, body: JSON.stringify(away) }));
    await yes.click();
    await page.getByRole('alert').getByText(said.faults.problems.unavailable!).waitFor();
    await page.context().unroute('**/accept');
    await yes.click();
    await page.getByRole('button', { name: said.haveIt }).waitFor();
    expect((await stage.api('GET', `/v1/deliveries/${id}`)).driverId).toBe(driver);
  },
  SLOW_MS,
);
