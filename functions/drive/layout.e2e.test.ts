import { afterAll, beforeAll, expect, test } from 'vitest';
import { speak } from '#shared/pages/spoken.ts';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { pickupsFirst } from '#shared/testing/pickups-first.ts';
import { texts } from './page/language.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 90_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const PICKUP = { lat: 52.5291, lon: 13.4013, address: 'Lager, Invalidenstraße 100' };
const LONG = {
  name: 'Maximiliane-Friederike Oberwasserkirchner-Schlüsselfelder',
  address: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtenstraße 1234 a, Hinterhaus, 3. Stock',
  phone: '+49 30 123456789',
  notes: 'https://shop.example/ein/sehr/langer/verweis/ohne/jede/luecke/zum/umbrechen/der/auf/kein/telefon/passt',
  before: '2099-05-04T12:00:00Z',
};

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

test.each(['en-GB', 'de-DE', 'ar-EG'])(
  'nothing is wider than a phone, and axe finds nothing, in each state of a day in %s',
  async (locale) => {
    speak(null, [locale]);
    const said = texts;
    const faults: string[] = [];
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: LONG.name, capacity: 9 });
    const page = await browser.visit(`${stage.url}/drive`, { phone: true, geolocation: HERE, locale });
    const look = async (state: string) => faults.push(...(await layoutFaults(page, state)));
    const press = (name: string) => page.getByRole('button', { name, exact: true }).first().click();
    await page.getByText(said.start).waitFor();
    expect(await page.evaluate('document.dir')).toBe(locale === 'ar-EG' ? 'rtl' : 'ltr');
    await look('nobody’s');
    const { code } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
    await page.getByRole('textbox').fill(code);
    await press(said.thisIsMyPhone);
    await page.getByText(said.settings).click();
    await look('off duty, settings open');
    await page.getByText(said.settings).click();
    await press(said.goAvailable);
    await page.getByText(said.noOrder).waitFor();
    await look('waiting for an order');
    await page.getByText(said.duty.breakOrEnd).click();
    await look('a break may be chosen');
    await press(said.duty.breakOf(45));
    await page.getByText(said.duty.backNow).waitFor();
    await look('on a break');
    await press(said.duty.backNow);
    await page.getByText(said.noOrder).waitFor();

    const ids: string[] = [];
    for (const [nth, lat] of [52.525, 52.525, 52.521].entries()) {
      const order = {
        sellerOrderId: `B-${locale}-${nth}`,
        pickup: PICKUP,
        notes: LONG.notes,
        size: 2,
        pincode: '4711',
      };
      const { id } = await stage.api('POST', '/v1/deliveries', { ...order, dropoff: { ...LONG, lat, lon: 13.41 } });
      if ((await stage.api('GET', `/v1/deliveries/${id}`)).status === 'PENDING')
        await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
      ids.push(id);
    }
    await pickupsFirst(stage, driver, ids);
    await page.getByText(said.take(3)).waitFor();
    await page.getByText(said.goesTo).first().waitFor();
    await look('three to take');
    if (locale === 'ar-EG') await keepPicture(page, 'drive-arabic');
    await press(said.haveAll(3));
    await page.getByText(said.handOver(2)).waitFor();
    await look('two to hand over');
    await stage.api('PATCH', `/v1/deliveries/${ids[0]}`, { dropoff: { phone: '+49 30 7654321' } });
    await page.getByText(said.changed(said.changes.phone)).waitFor();
    await look('changed');
    await press(said.doesNotWork);
    await look('failing');
    await press(said.failures.REFUSED);
    await look('asked twice');
    await press(texts.back);
    await press(said.leftWithNeighbour);
    await look('left with a neighbour');
    await press(texts.back);
    await press(texts.back);
    await stage.api('PATCH', `/v1/deliveries/${ids[0]}`, { proofRequired: ['photo', 'signature', 'name', 'age18'] });
    await page.getByRole('img', { name: said.signature }).waitFor();
    await look('all is asked');
    await stage.api('PATCH', `/v1/deliveries/${ids[0]}`, { proofRequired: [] });
    await page.getByRole('img', { name: said.signature }).waitFor({ state: 'detached' });

    await page.context().route('**/v1/**', (route) => route.abort());
    await page.getByLabel(said.pincode).first().fill('0000');
    await press(said.delivered);
    await page.getByText(said.stepsWaiting(1)).waitFor();
    await look('a step waits');
    await page.context().unroute('**/v1/**');
    await page.getByText(said.wrongCode(4)).waitFor();
    await look('a wrong code');
    await stage.api('POST', `/v1/deliveries/${ids[0]}/status`, { status: 'FAILED', failureCode: 'REFUSED' });
    await page.getByLabel(said.wrongCode(4)).fill('4711');
    await press(said.sendAgain);
    await page.getByText(said.parcel.tellHandedOver).waitFor();
    await look('not taken');
    await stage.api('POST', `/v1/drivers/${driver}/tokens`, { revokePrevious: true });
    await page.getByText(said.expired).waitFor({ timeout: 20_000 });
    await look('expired');
    await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'OFFLINE' });
    expect(faults).toEqual([]);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
