import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keepPicture, openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { clickFaults } from '#shared/testing/click-faults.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;

let stage: Stage;
let browser: TestBrowser;
const drivers: string[] = [];
const orders = new Map<string, string>();

const NAMES = [
  'Asha Rao',
  'Ben Okafor',
  'Carla Nunes',
  'Deniz Kaya',
  'Emil Novak',
  'Farah Aziz',
  'Goran Ilic',
  'Hana Sato',
];
const STREETS = [
  'Torstraße 12',
  'Linienstraße 130',
  'Auguststraße 5',
  'Chausseestraße 88',
  'Invalidenstraße 20',
  'Ackerstraße 3',
];
const SHOP = { lat: 52.5291, lon: 13.4013 };
/** A place around the shop: a spiral, so that no two are the same. */
const around = (n: number, metres: number) => ({
  lat: SHOP.lat + (Math.cos(n * 2.4) * metres) / 111_226,
  lon: SHOP.lon + (Math.sin(n * 2.4) * metres) / 67_700,
});

beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
  for (const [n, name] of NAMES.entries()) {
    const { id } = await stage.api('POST', '/v1/drivers', {
      name,
      vehicle: n % 2 ? 'cargo_bike' : 'car',
      phone: `+49 30 55501${n}`,
    });
    drivers.push(id);
    await stage.api('POST', `/v1/drivers/${id}/location`, around(n + 1, 300 + n * 260));
    if (n < 6) await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'AVAILABLE' });
  }
  for (const [n, address] of STREETS.entries()) {
    const dropoff =
      n === 4 ? { address } : { ...around(n + 9, 700 + n * 220), address: `${address}, Berlin`, name: 'A. Kunde' };
    const order = await stage.api('POST', '/v1/deliveries', {
      sellerOrderId: `B-10${n}`,
      dropoff,
      ...(n === 0 && { pincode: '4711' }),
    });
    orders.set(order.sellerOrderId, order.id);
  }
  await stage.api('POST', `/v1/deliveries/${orders.get('B-100')}/status`, { status: 'PICKED_UP' });
  await stage
    .api('POST', `/v1/deliveries/${orders.get('B-101')}/status`, {
      status: 'DELIVERED',
      proof: { receivedBy: 'A. Kunde' },
    })
    .catch(async () => {
      await stage.api('POST', `/v1/deliveries/${orders.get('B-101')}/status`, { status: 'PICKED_UP' });
      await stage.api('POST', `/v1/deliveries/${orders.get('B-101')}/status`, {
        status: 'DELIVERED',
        proof: { receivedBy: 'A. Kunde' },
      });
    });
  await stage.api('POST', `/v1/deliveries/${orders.get('B-102')}/status`, {
    status: 'FAILED',
    failureCode: 'RECIPIENT_UNAVAILABLE',
  });
  for (const [n, id] of drivers.entries())
    await stage.api('POST', `/v1/drivers/${id}/location`, around(n + 1.06, 330 + n * 260));
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(() => expect(browser.faults()).toEqual([]));

async function enter(view?: Parameters<TestBrowser['visit']>[1]): Promise<Page> {
  const page = await browser.visit(await stage.loginLink(), view);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('link', { name: /B-103/ }).waitFor();
  return page;
}

test('a login link works once, a wrong key not at all, and the right key lets in', async () => {
  const link = await stage.loginLink();
  const first = await browser.visit(link);
  await first.getByText('Live', { exact: true }).waitFor();
  expect(new URL(first.url()).hash).toBe('');
  const page = await browser.visit(link);
  await page.getByText('was used before').waitFor();
  await page.getByLabel('Key of the shop').fill('dk_stage_this-is-the-wrong-one');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('not valid').waitFor();
  await keepPicture(page, 'console-login');
  await page.getByLabel('Key of the shop').fill(stage.key);
  await page.keyboard.press('Enter');
  await page.getByText('Live', { exact: true }).waitFor();
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
});

test(
  'the pictures',
  async () => {
    const page = await enter();
    // Drivers who move while somebody looks have a heading and a trail.
    for (let step = 1; step <= 3; step += 1) {
      const before = await page.locator('.ground').screenshot();
      const fixes = drivers.map((driverId, n) => ({ driverId, ...around(n + 1.06 + step * 0.05, 330 + n * 260) }));
      await stage.api('POST', '/v1/locations', { fixes });
      await eventually(async () => !before.equals(await page.locator('.ground').screenshot()));
    }
    await keepPicture(page, 'console');
    await page.setViewportSize({ width: 768, height: 900 });
    expect(await clickFaults(page)).toEqual([]);
    const dark = await enter({ dark: true });
    await dark.goto(`${stage.url}/console#/deliveries/${orders.get('B-105')}`);
    await dark
      .getByRole('button', { name: /^Assign to/ })
      .first()
      .waitFor();
    await keepPicture(dark, 'console-delivery-dark');
    const phone = await enter({ phone: true });
    await keepPicture(phone, 'console-phone');
    const darkPhone = await enter({ phone: true, dark: true });
    await darkPhone.getByRole('link', { name: 'Today' }).click();
    await darkPhone.getByText('Recipient unavailable').waitFor();
    await keepPicture(darkPhone, 'console-today-phone-dark');
    await page.goto(`${stage.url}/console#/drivers/${drivers[0]}`);
    await page.getByRole('button', { name: 'Show link and QR code' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    await keepPicture(page, 'console-driver');
  },
  SLOW_MS,
);
