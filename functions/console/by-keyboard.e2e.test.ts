import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = await Promise.all([openStage(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

test(
  'by keyboard: an opened order has the focus, the way back leads to its link, and what is asked twice is asked where one is',
  async () => {
    const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao' });
    await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
    for (const sellerOrderId of ['K-1', 'K-2'])
      await stage.api('POST', '/v1/deliveries', { sellerOrderId, dropoff: { address: 'Somewhere 1' } });
    const page = await browser.visit(await stage.loginLink());
    await page.getByText('Live', { exact: true }).waitFor();
    const press = async (role: 'button' | 'link', name: string | RegExp) => {
      await page.getByRole(role, { name, exact: true }).focus();
      await page.keyboard.press('Enter');
    };
    const isFocused = (role: 'button' | 'link' | 'heading', name: string | RegExp) =>
      page.getByRole(role, { name, exact: true }).and(page.locator(':focus')).waitFor();
    await press('link', /^K-2/);
    await isFocused('heading', /^Order K-2/);
    await press('link', '← Deliveries');
    await isFocused('link', /^K-2/);
    await page.keyboard.press('Enter');
    await press('button', 'Cancel delivery');
    await isFocused('button', 'Really cancel');
    await press('button', 'Keep it');
    await isFocused('button', 'Cancel delivery');
    // Whoever comes by a link that stays keeps it.
    await press('link', 'Deliveries');
    await page.getByRole('link', { name: /^K-1/ }).waitFor();
    await isFocused('link', 'Deliveries');
    await press('link', 'Drivers');
    await press('link', /^Asha Rao/);
    await isFocused('heading', /^Asha Rao/);
    await page.goBack();
    await isFocused('link', /^Asha Rao/);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
