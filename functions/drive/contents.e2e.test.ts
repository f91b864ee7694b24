import { afterAll, beforeAll, expect, test } from 'vitest';
import { speak } from '#shared/pages/spoken.ts';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { pickupsFirst } from '#shared/testing/pickups-first.ts';
import { texts } from './page/language.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const PICKUP = { lat: 52.5291, lon: 13.4013, address: 'Lager 1' };
const DOOR = { lat: 52.52, lon: 13.41, address: 'Tür 9', notes: 'Zweiter Hof', before: '2099-05-04T12:00:00Z' };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
  speak(null, ['de-DE']);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

test(
  'before the pickup a driver sees what is in each parcel, where it goes, until when, and what is paid there; two at one place are one stop',
  async () => {
    const said = texts;
    const { id } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', capacity: 3 });
    const { path } = await stage.api('POST', `/v1/drivers/${id}/pairings`, {});
    const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE, locale: 'de-DE' });
    await page.getByRole('switch').click();
    await page.getByText(said.sharing.sharing).waitFor();
    const ids: string[] = [];
    for (const [nth, cash] of [
      { amount: 3_720, currency: 'EUR' },
      { amount: 900, currency: 'JPY' },
    ].entries()) {
      const made = await stage.api('POST', '/v1/deliveries', {
        sellerOrderId: `K-${nth}`,
        pickup: { ...PICKUP, items: [{ name: 'Apfelkuchen', quantity: 2 + nth }] },
        dropoff: { ...DOOR, cash },
      });
      expect(made).toMatchObject({ dropoff: { cash }, pickup: { items: [{ quantity: 2 + nth }] } });
      if ((await stage.api('GET', `/v1/deliveries/${made.id}`)).status === 'PENDING')
        await stage.api('POST', `/v1/deliveries/${made.id}/assign`, { driverId: id });
      ids.push(made.id);
    }
    await pickupsFirst(stage, id, ids);
    await page.getByText(said.take(2)).waitFor();
    for (const [nth, money] of [/37,20\s€/, /900\s¥/].entries()) {
      const parcel = page.getByRole('article', { name: said.order(`K-${nth}`) });
      await parcel.getByText(`${2 + nth} × Apfelkuchen`).waitFor();
      await parcel.getByText(money).waitFor();
      const words = await parcel.textContent();
      for (const seen of ['Tür 9', 'Zweiter Hof', said.before('').trim()]) expect(words).toContain(seen);
    }
    expect(await layoutFaults(page, 'what is in the parcels')).toEqual([]);
    await page.getByRole('button', { name: said.haveAll(2) }).click();
    await page.getByText(said.handOver(2)).waitFor();
    await page
      .getByRole('article', { name: said.order('K-0') })
      .getByText(/37,20\s€/)
      .waitFor();
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
