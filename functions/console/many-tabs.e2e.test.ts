import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 90_000;
const TABS = 8;

let stage: Stage;
let browser: TestBrowser;

beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(() => expect(browser.faults()).toEqual([]));

const order = (sellerOrderId: string) =>
  stage.api('POST', '/v1/deliveries', { sellerOrderId, dropoff: { address: 'Somewhere 1' } });
const shows = (page: Page, sellerOrderId: string) =>
  page
    .getByRole('link', { name: new RegExp(sellerOrderId) })
    .first()
    .waitFor({ timeout: 20_000 });

test(
  'eight tabs of one browser share one stream, each answers promptly, and when the one that follows closes another does',
  async () => {
    const first = await browser.visit(await stage.loginLink());
    await first.getByText('Live', { exact: true }).waitFor();
    const streams: string[] = [];
    const context = first.context();
    context.on('request', (request) => {
      if (request.url().endsWith('/v1/stream')) streams.push(request.url());
    });
    await order('T-1');
    const others: Page[] = [];
    for (let n = 1; n < TABS; n += 1) {
      const page = await context.newPage();
      others.push(page);
      await page.goto(`${stage.url}/console`);
      await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
      await shows(page, 'T-1');
    }
    expect(streams).toEqual([]);

    await order('T-2');
    for (const page of [first, ...others]) await shows(page, 'T-2');
    const last = others.at(-1)!;
    const ms = await last.evaluate(async () => {
      const startedAt = performance.now();
      await (await fetch('/console/session', { headers: { 'x-requested-by': 'console' } })).text();
      return performance.now() - startedAt;
    });
    expect(ms).toBeLessThan(3_000);

    await first.close();
    await expect.poll(() => streams.length, { timeout: 20_000 }).toBe(1);
    await order('T-3');
    for (const page of others) await shows(page, 'T-3');
    expect(streams).toHaveLength(1);
  },
  SLOW_MS,
);
