import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { speak } from '#shared/pages/spoken.ts';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { layoutFaults } from '#shared/testing/layout-faults.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { texts } from './page/language.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const ORDER = { pickup: { lat: 52.5291, lon: 13.4013 }, dropoff: { lat: 52.53, lon: 13.405, address: 'There 1' } };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
  speak(null, ['en-GB']);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

async function onDuty(name: string, capacity: number) {
  const { id } = await stage.api('POST', '/v1/drivers', { name, capacity });
  const { path } = await stage.api('POST', `/v1/drivers/${id}/pairings`, {});
  const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE, locale: 'en-GB' });
  await page.getByRole('switch').click();
  await page.getByText(texts.sharing.sharing).waitFor();
  const driver = () => stage.api('GET', `/v1/drivers/${id}`);
  const order = async (sellerOrderId: string) => {
    const { id } = await stage.api('POST', '/v1/deliveries', { ...ORDER, sellerOrderId });
    return { id, driverId: async () => (await stage.api('GET', `/v1/deliveries/${id}`)).driverId };
  };
  return { page, id, driver, order };
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const open = (page: Page) => page.getByText(texts.duty.breakOrEnd).click();
const offDuty = (id: string) => stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });

test(
  'a break of half an hour: nothing new comes, the position is nobody’s, and it ends by a tap',
  async () => {
    const said = texts.duty;
    const { page, id, driver, order } = await onDuty('Asha Rao', 2);
    await open(page);
    await press(page, said.breakOf(30));
    await page.getByRole('status').getByText('You are on a break until').waitFor();
    const leftMin = (Date.parse((await driver()).breakUntil) - Date.now()) / 60_000;
    expect(Math.abs(leftMin - 30)).toBeLessThan(2);
    expect(await page.getByRole('switch').textContent()).toBe(said.onBreak);
    await page.getByText(texts.sharing.off).waitFor();
    expect(await layoutFaults(page, 'on a break')).toEqual([]);
    const waits = await order('B-1');
    expect(await waits.driverId()).toBeNull();
    await press(page, said.backNow);
    await eventually(async () => (await waits.driverId()) === id);
    await page.getByText('Order B-1').first().waitFor();
    expect(await driver()).toMatchObject({ breakUntil: null });
    await offDuty(id);
    await stage.api('POST', `/v1/deliveries/${waits.id}/cancel`, {});
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

test(
  'the last one, and off with an order in hand: what that means is said, and it can be taken back',
  async () => {
    const said = texts.duty;
    const { page, id, driver, order } = await onDuty('Ben Okafor', 3);
    await open(page);
    await press(page, said.lastOne);
    await page.getByText(said.lastIsNext).waitFor();
    const last = await order('L-1');
    await eventually(async () => (await last.driverId()) === id);
    await page.getByText(said.lastInHand).waitFor();
    expect((await order('L-2')).driverId).toBeDefined();
    expect(await driver()).toMatchObject({ status: 'BUSY', load: 1, lastOne: true });
    await press(page, said.takeMore);
    await eventually(async () => (await driver()).load === 2);

    await page.getByText('Order L-2').first().waitFor();
    let asked = '';
    let answer = false;
    page.on('dialog', (dialog) => {
      asked = dialog.message();
      void (answer ? dialog.accept() : dialog.dismiss());
    });
    await page.getByText(said.lastInHand).waitFor({ state: 'detached' });
    await page.getByRole('switch').click();
    expect(asked).toBe(said.offWithOrders(2));
    expect(await driver()).toMatchObject({ lastOne: false });
    answer = true;
    await page.getByRole('switch').click();
    await page.getByText(said.lastInHand).waitFor();
    expect(await driver()).toMatchObject({ status: 'BUSY', load: 2, lastOne: true });
    expect(await (await order('L-3')).driverId()).toBeNull();
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

test(
  'the end of the shift is shown before and after',
  async () => {
    const { page, id } = await onDuty('Carla Nunes', 1);
    const ends = async (inMin: number) =>
      stage.api('PATCH', `/v1/drivers/${id}`, { shiftEndsAt: new Date(Date.now() + inMin * 60_000).toISOString() });
    await ends(90);
    await page.getByText('Your shift ends').waitFor();
    await ends(-1);
    await page.getByText('Your shift has ended').waitFor();
    await offDuty(id);
  },
  SLOW_MS,
);
