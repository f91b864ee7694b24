import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { pickupsFirst } from '#shared/testing/pickups-first.ts';
import { workerOf } from '#shared/testing/worker-of.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const DOOR = { lat: 52.5212, lon: 13.4105, address: 'Rosenstraße 2' };
/** What a tap may take to show, whatever the connection is like. */
const AT_ONCE_MS = 1_000;

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});
afterEach(async () => {
  // Nobody of an earlier test takes an order of a later one.
  const { items } = await stage.api('GET', '/v1/drivers');
  for (const { id } of items) await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });
  expect(browser.faults()).toEqual([]);
});

const deliveryOf = (id: string) => stage.api('GET', `/v1/deliveries/${id}`);

/** A driver on duty, on their phone. */
async function onDuty(name: string, capacity = 1): Promise<{ page: Page; driver: string; give: typeof give }> {
  const { id: driver } = await stage.api('POST', '/v1/drivers', { name, vehicle: 'bicycle', capacity });
  const { path } = await stage.api('POST', `/v1/drivers/${driver}/pairings`, {});
  const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE });
  await page.getByRole('switch').click();
  await page.getByText('Your position is shared.').waitFor();
  async function give(sellerOrderId: string, more: object = {}): Promise<string> {
    const { id } = await stage.api('POST', '/v1/deliveries', { sellerOrderId, dropoff: DOOR, ...more });
    const { status } = await deliveryOf(id);
    if (status === 'PENDING') await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
    await page.getByText(sellerOrderId).first().waitFor();
    return id;
  }
  return { page, driver, give };
}
declare function give(sellerOrderId: string, more?: object): Promise<string>;

async function goOffline(page: Page): Promise<void> {
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
  // Both, since a page that is loaded anew is online for a moment.
  await page.context().route('**/v1/**', (route) => route.abort());
  await page.context().setOffline(true);
}

async function goOnline(page: Page): Promise<void> {
  await page.context().setOffline(false);
  await page.context().unroute('**/v1/**');
}

test(
  'in a dead zone each tap shows at once and stands in the queue; the worker sends it all in order, with the page closed',
  async () => {
    const { page, give } = await onDuty('Asha Rao');
    const id = await give('B-1');
    await goOffline(page);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'Delivered' }).waitFor({ timeout: AT_ONCE_MS });
    await page.getByText('1 step waiting').waitFor({ timeout: AT_ONCE_MS });
    await page.getByLabel('Received by').fill('Kim');
    await page.evaluate(LOSES_CONNECTION);
    await page.getByRole('button', { name: 'Delivered' }).click();
    await page.getByText('2 steps waiting').waitFor({ timeout: AT_ONCE_MS });
    const keys = await page.evaluate<string[]>(STEP_KEYS);
    expect(new Set(keys).size).toBe(2);
    await page.reload();
    await page.getByText('2 steps waiting').waitFor();
    expect(await page.evaluate<string[]>(STEP_KEYS)).toEqual(keys);
    const asked: string[] = [];
    page.once('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await page.getByRole('button', { name: 'Log out of this phone' }).click();
    expect(asked).toEqual([expect.stringContaining('2 of your steps have not arrived yet')]);
    const worker = await workerOf(page);
    // No page of ours is open any more; its worker is another file of the same host.
    await goOnline(page);
    await page.goto(`${stage.url}/drive/manifest.webmanifest`);
    await worker.sync('steps');
    await eventually(async () => (await deliveryOf(id)).status === 'DELIVERED', { timeoutMs: 12_000 });
    const { events, proof } = await deliveryOf(id);
    expect(events.map(({ type }: { type: string }) => type).slice(-2)).toEqual(['PICKED_UP', 'DELIVERED']);
    expect(proof.receivedBy).toBe('Kim');
  },
  SLOW_MS,
);

test(
  'a full phone keeps the step without its photograph, and says so',
  async () => {
    const { page, give } = await onDuty('Ben Okafor');
    const id = await give('B-2');
    await page.getByRole('button', { name: 'I have it' }).click();
    const file = { name: 'photo.png', mimeType: 'image/png', buffer: await page.screenshot() };
    await page.getByLabel('Take a photo').setInputFiles(file);
    await page.getByAltText('What the camera has just seen').waitFor();
    await eventually(async () => (await deliveryOf(id)).status === 'PICKED_UP');
    await goOffline(page);
    await page.evaluate(fullFor('value instanceof Blob'));
    await page.getByRole('button', { name: 'Delivered' }).click();
    await page.getByText('the step is kept, the photo only while this page is open').waitFor({ timeout: AT_ONCE_MS });
    // What was kept in the page alone is gone with it.
    await page.reload();
    await page.getByText('1 step waiting').waitFor();
    await goOnline(page);
    await eventually(async () => (await deliveryOf(id)).status === 'DELIVERED', { timeoutMs: 20_000 });
    const next = await give('B-2b');
    await page.evaluate(fullFor('true'));
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('this step is kept only while this page is open').waitFor();
    await eventually(async () => (await deliveryOf(next)).status === 'PICKED_UP', { timeoutMs: 12_000 });
  },
  SLOW_MS,
);

test(
  'steps and identity that an earlier version has kept are taken over: an update loses nothing',
  async () => {
    const { page, driver, give } = await onDuty('Carla Nunes');
    const id = await give('B-3');
    await goOffline(page);
    await page.evaluate(
      `(async () => {
        const open = indexedDB.open('drive');
        await new Promise((resolve) => { open.onsuccess = resolve; });
        const identity = open.result.transaction('identity').objectStore('identity').get('this');
        await new Promise((resolve) => { identity.onsuccess = resolve; });
        localStorage.setItem('drive.token', identity.result.token);
        const step = { key: 'an-old-key-0001', deliveryId: '${id}', status: 'PICKED_UP', occurredAt: new Date().toISOString() };
        localStorage.setItem('drive.steps.${driver}', JSON.stringify([step]));
        const clearing = open.result.transaction('identity', 'readwrite').objectStore('identity').clear();
        await new Promise((resolve) => { clearing.onsuccess = resolve; });
      })()`,
    );
    await page.reload();
    await page.getByText('1 step waiting').waitFor();
    expect(await page.evaluate<string[]>(STEP_KEYS)).toEqual(['an-old-key-0001']);
    const left = await page.evaluate<string[]>('Object.keys(localStorage).filter((key) => /steps|token/.test(key))');
    expect(left).toEqual([]);
    await goOnline(page);
    await eventually(async () => (await deliveryOf(id)).status === 'PICKED_UP', { timeoutMs: 12_000 });
  },
  SLOW_MS,
);

test(
  'a line that takes what is sent and never answers holds nothing up: the step is sent again, and counts once',
  async () => {
    const { page, give } = await onDuty('Emil Novak');
    const id = await give('B-7');
    // A tenth of the patience, so that the test has a tenth of the time.
    await page.evaluate(`(() => {
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => timeout(ms / 10);
    })()`);
    let taken = 0;
    await page.context().route('**/status', async (route) => {
      taken += 1;
      // The first arrives, and its answer is lost.
      if (taken === 1) return void (await route.fetch());
      await route.continue();
    });
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('1 step waiting').waitFor({ timeout: AT_ONCE_MS });
    await page.getByText('1 step waiting').waitFor({ state: 'detached' });
    expect(taken).toBeGreaterThan(1);
    const { events, status } = await deliveryOf(id);
    expect(status).toBe('PICKED_UP');
    expect(events.filter(({ type }: { type: string }) => type === 'PICKED_UP')).toHaveLength(1);
  },
  SLOW_MS,
);

test(
  'what was decided meanwhile is said in words, with what to do with the parcel, until it is read',
  async () => {
    const { page, driver, give } = await onDuty('Deniz Kaya', 3);
    const [cancelled, given, done] = [await give('B-4'), await give('B-5'), await give('B-6')];
    await pickupsFirst(stage, driver, [cancelled, given, done]);
    await page.getByText('Take 3 orders').waitFor();
    await goOffline(page);
    await page.getByRole('button', { name: 'I have all 3' }).click();
    await page.getByText('3 steps waiting').waitFor({ timeout: AT_ONCE_MS });
    await stage.api('POST', `/v1/deliveries/${cancelled}/cancel`, {});
    await stage.api('POST', `/v1/deliveries/${given}/unassign`, {});
    for (const status of ['PICKED_UP', 'DELIVERED'])
      await stage.api('POST', `/v1/deliveries/${done}/status`, { status });
    await goOnline(page);
    const told = (words: string) => page.getByRole('alert').filter({ hasText: words });
    await told('Order B-4 was cancelled').getByText('bring it back to where you collected it').waitFor();
    await told('Order B-5 is not yours any more').getByText('keep it with you and call').waitFor();
    await told('Order B-6 counts as delivered already').getByText('keep it with you').waitFor();
    await page.reload();
    await told('Order B-4 was cancelled').getByRole('button', { name: 'I have read it' }).click();
    await told('Order B-4 was cancelled').waitFor({ state: 'detached' });
    await page.reload();
    await told('Order B-5 is not yours any more').waitFor();
    expect(await told('Order B-4 was cancelled').count()).toBe(0);
  },
  SLOW_MS,
);

/**
 * The phone has no room for what `which` says of a `value`, as IndexedDB says it. (The quota that the DevTools protocol
 * can set holds for other stores only.)
 */
const fullFor = (which: string) => `(() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, ...rest) {
    if (${which}) throw new DOMException('No room', 'QuotaExceededError');
    return put.call(this, value, ...rest);
  };
})()`;

/** The page's connection to IndexedDB is gone, as iOS takes it from a page in the background; another one is not. */
const LOSES_CONNECTION = `(() => {
  const { transaction } = IDBDatabase.prototype;
  let lost;
  IDBDatabase.prototype.transaction = function (...stores) {
    lost ??= this;
    if (this === lost) throw new DOMException('The connection is closed', 'InvalidStateError');
    return transaction.apply(this, stores);
  };
})()`;

const STEP_KEYS = `(async () => {
  const open = indexedDB.open('drive');
  await new Promise((resolve) => { open.onsuccess = resolve; });
  const all = open.result.transaction('steps').objectStore('steps').getAll();
  await new Promise((resolve) => { all.onsuccess = resolve; });
  open.result.close();
  return all.result.sort((one, other) => one.place - other.place).map(({ key }) => key);
})()`;
