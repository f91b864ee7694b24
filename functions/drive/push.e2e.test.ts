import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { workerOf } from '#shared/testing/worker-of.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 40_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };

let stage: Stage;
let browser: TestBrowser;
beforeAll(async () => {
  [stage, browser] = [await openStage(), await openBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const shown = (page: Page) =>
  page.evaluate<string[]>(
    `navigator.serviceWorker.getRegistration('/drive').then((worker) => worker.getNotifications())
      .then((all) => all.map(({ title, body }) => title + ' / ' + body))`,
  );

test(
  'with the page closed its worker shows what the service tells, to whom it is for, and says that the driver is there',
  async () => {
    const { id: driverId } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', vehicle: 'bicycle' });
    const { path } = await stage.api('POST', `/v1/drivers/${driverId}/pairings`, {});
    const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE, locale: 'de-DE' });
    await page.context().grantPermissions(['notifications', 'geolocation']);
    await page.getByRole('switch').click();
    await page.getByText('Ihr Standort wird geteilt.').waitFor();
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    const worker = await workerOf(page);
    await page.goto(`${stage.url}/drive/manifest.webmanifest`);

    const another = '01890000-0000-7000-8000-000000000000';
    await worker.push({ kind: 'route', driverId: another, version: 3 });
    await worker.push({ kind: 'no such thing', driverId, version: 3 });
    await worker.push({ kind: 'offer', driverId, version: 3 });
    await worker.push({ kind: 'offer', driverId, version: 4 });
    const asked = 'Sie werden gefragt, ob Sie einen Auftrag nehmen / Öffnen Sie die Seite, um es zu sehen.';
    await eventually(async () => (await shown(page)).length > 0);
    expect(await shown(page)).toEqual([asked]);

    const seenAt = async () => Date.parse((await stage.api('GET', `/v1/drivers/${driverId}/status`)).lastSeenAt);
    const before = await seenAt();
    await worker.push({ kind: 'still_there', driverId, version: 4 });
    await eventually(async () => (await seenAt()) > before);
    await eventually(async () => (await shown(page)).length === 2);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
