import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;
const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2' };

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

async function hire(name: string, duty: Record<string, unknown>): Promise<string> {
  const { id } = await stage.api('POST', '/v1/drivers', { name });
  await stage.api('POST', `/v1/drivers/${id}/location`, SHOP);
  await stage.api('PUT', `/v1/drivers/${id}/status`, duty);
  return id;
}
const deliveryOf = (id: string) => stage.api('GET', `/v1/deliveries/${id}`);

test(
  'whom no search finds is given an order all the same: on a break, or not heard from, and the order’s story says so',
  async () => {
    const onBreak = await hire('Asha Rao', { status: 'BUSY', breakS: 1_800 });
    const silent = await hire('Ben Okafor', { status: 'AVAILABLE' });
    const off = await hire('Carla Nunes', { status: 'OFFLINE' });
    await stage.deps.availability!.forget(await stage.shopId(), [silent]);
    await stage.deps.db.run(
      `UPDATE dispatch.driver_location SET seen_at = now() - interval '80 s', recorded_at = now() - interval '130 s' WHERE driver_id = $1`,
      [silent],
    );
    const page = await browser.visit(await stage.loginLink());
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Drivers', exact: true }).click();
    await page.getByRole('listitem').filter({ hasText: 'Asha Rao' }).getByText('On a break until').waitFor();
    await page.getByRole('link', { name: /Asha Rao/ }).click();
    await page.getByRole('article').getByText('On a break until').waitFor();

    const give = async (nth: number, name: string) => {
      const order = { sellerOrderId: `S-${nth}`, pickup: SHOP, dropoff: DOOR };
      const { id } = await stage.api('POST', '/v1/deliveries', order);
      await page.getByRole('link', { name: 'Deliveries', exact: true }).click();
      await page.getByRole('link', { name: new RegExp(`S-${nth}`) }).click();
      await page.getByText('Somebody else all the same').click();
      await page.getByRole('button', { name: `Give it to ${name} all the same` }).click();
      return id;
    };
    const first = await give(1, 'Asha Rao');
    await page.getByText('Order S-1 is with Asha Rao').waitFor();
    const second = await give(2, 'Ben Okafor');
    await page.getByText('Order S-2 is with Ben Okafor').waitFor();
    const overrides = async (id: string) =>
      (await deliveryOf(id)).events.find(({ type }: { type: string }) => type === 'ASSIGNED').data.override;
    expect(await overrides(first)).toContain('on_break');
    expect(await overrides(second)).toEqual(['silent']);
    expect((await stage.api('GET', `/v1/drivers/${onBreak}`)).load).toBe(1);

    const third = await give(3, 'Carla Nunes');
    await page.getByText('they are not AVAILABLE').waitFor();
    expect((await deliveryOf(third)).driverId).toBeNull();
    expect((await stage.api('GET', `/v1/drivers/${off}`)).load).toBe(0);
  },
  SLOW_MS,
);
