import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPhonesTeller } from '#shared/flows/relay/tell-phones.ts';
import { speak } from '#shared/pages/spoken.ts';
import { openBrowser, type TestBrowser } from '#shared/testing/browser.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';
import { openPushService, type TestPhone, type TestPushService } from '#shared/testing/push-service.ts';
import { workerOf } from '#shared/testing/worker-of.ts';
import { openPush } from '#shared/webhooks/push.ts';
import { sendWebhook } from '#shared/webhooks/send.ts';
import { texts } from './page/language.ts';

/** A browser on a busy machine takes its time. */
const SLOW_MS = 60_000;
const HERE = { latitude: 52.5293, longitude: 13.402 };
const ORDER = { pickup: { lat: 52.5291, lon: 13.4013 }, dropoff: { lat: 52.53, lon: 13.405, address: 'There 1' } };

let stage: Stage;
let browser: TestBrowser;
let pushes: TestPushService;
beforeAll(async () => {
  [stage, browser, pushes] = [
    await openStage({ WEBHOOK_ALLOW_PRIVATE: 'true' }),
    await openBrowser(),
    await openPushService(),
  ];
  speak(null, ['en-GB']);
});
afterAll(async () => {
  await browser?.close();
  await pushes?.close();
  await stage?.close();
});

/** @param stub runs in the page before its own scripts */
async function driverWith(name: string, stub: string): Promise<{ page: Page; id: string }> {
  const { id } = await stage.api('POST', '/v1/drivers', { name, capacity: 9 });
  const { path } = await stage.api('POST', `/v1/drivers/${id}/pairings`, {});
  const page = await browser.visit(stage.url + path, { phone: true, geolocation: HERE, locale: 'en-GB' });
  await page.getByRole('switch').waitFor();
  await page.addInitScript(stub);
  await page.reload();
  await page.getByText(texts.settings, { exact: true }).click();
  return { page, id };
}

/** Debian's Chromium reaches no push service: what one would give it, and the rest of the way, is real. */
const subscribesTo = ({ subscription }: TestPhone) => `{
  const made = ${JSON.stringify(subscription)};
  const kept = { ...made, toJSON: () => made, unsubscribe: async () => (localStorage.removeItem('subscribed'), true) };
  PushManager.prototype.subscribe = async (options) => (localStorage.setItem('subscribed', JSON.stringify(options)), kept);
  PushManager.prototype.getSubscription = async () => (localStorage.getItem('subscribed') ? kept : null);
}`;
/** For which of the driver's phones. */
const devicesOf = async (id: string) => {
  const registered = 'SELECT device_id FROM dispatch.push_subscription WHERE driver_id = $1';
  return (await stage.deps.db.run<{ device_id: string }>(registered, [id])).map(({ device_id }) => device_id);
};
const registered = async (id: string) => (await devicesOf(id)).length;

/** One look of a relay, to its end. */
async function look(): Promise<void> {
  const push = openPush({
    keys: stage.deps.pushKey.pair,
    subject: 'mailto:test@example.com',
    send: (request) => sendWebhook({ ...request, allowPrivate: true, timeoutMs: 2_000 }),
  });
  const teller = openPhonesTeller({ db: stage.deps.db, push, random01: () => 0.5, report: () => {} });
  await teller.begin();
  await teller.idle();
}

test(
  'the switch registers this browser, what the service then sends is shown by its worker, also after another pairing, and off is off at both ends',
  async () => {
    const phone = pushes.phone();
    const { page, id } = await driverWith('Asha Rao', subscribesTo(phone));
    await page.context().grantPermissions(['notifications', 'geolocation']);
    await page.getByRole('switch').click();
    const push = page.getByLabel(texts.push);
    expect(await push.isChecked()).toBe(false);
    await push.click();
    await eventually(async () => (await registered(id)) === 1);
    await eventually(() => push.isChecked());
    const { userVisibleOnly, applicationServerKey } = JSON.parse(
      await page.evaluate<string>(`localStorage.getItem('subscribed')`),
    );
    expect([userVisibleOnly, applicationServerKey]).toEqual([true, await stage.deps.pushKey.publicKey()]);

    await page.getByText(texts.sharing.sharing).waitFor();
    const worker = await workerOf(page);
    const order = await stage.api('POST', '/v1/deliveries', { ...ORDER, sellerOrderId: 'P-1' });
    expect(order.driverId).toBe(id);
    await look();
    expect(phone.told).toMatchObject([{ payload: { kind: 'route', driverId: id } }]);
    await worker.push(phone.told[0]!.payload);
    const shown = () =>
      page.evaluate<string[]>(
        `navigator.serviceWorker.ready.then((ready) => ready.getNotifications()).then((all) => all.map(({ title }) => title))`,
      );
    await eventually(async () => (await shown()).length > 0);
    expect(await shown()).toEqual([texts.pushed.route]);

    const [before] = await devicesOf(id);
    const { path } = await stage.api('POST', `/v1/drivers/${id}/pairings`, {});
    page.once('dialog', (dialog) => void dialog.accept());
    await page.goto('about:blank');
    await page.goto(stage.url + path);
    await eventually(async () => (await devicesOf(id))[0] !== before);
    await page.getByText(texts.settings, { exact: true }).click();
    await eventually(() => push.isChecked());
    await push.click();
    await eventually(async () => (await registered(id)) === 0);
    expect(await push.isChecked()).toBe(false);
    expect(await page.evaluate(`localStorage.getItem('subscribed')`)).toBeNull();
    await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'OFFLINE' });
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);

test(
  'a phone that does not allow messages says so, and the switch stays off',
  async () => {
    const { page, id } = await driverWith('Ben Okafor', `Notification.requestPermission = async () => 'denied';`);
    await page.getByLabel(texts.push).click();
    await page.getByText(texts.pushDenied).waitFor();
    expect(await page.getByLabel(texts.push).isChecked()).toBe(false);
    expect(await registered(id)).toBe(0);
  },
  SLOW_MS,
);

/** What the phone was asked to do. */
const LISTENS = `
  window.heard = [];
  navigator.vibrate = () => heard.push('vibration');
  const Sound = AudioContext;
  window.opened = 0;
  window.AudioContext = class extends Sound { constructor() { super(); opened += 1; } };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function () {
    if (this.context.state === 'running') heard.push('sound');
    start.call(this);
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
    heard.push('awake');
    return { release: async () => void heard.push('asleep') };
  } } });`;

test(
  'sound, vibration and the screen that stays on are switched each by itself, and stay so',
  async () => {
    const { page } = await driverWith('Carla Nunes', LISTENS);
    const heard = () => page.evaluate<string[]>('heard.splice(0)');
    const hears = async (...expected: string[]) => {
      const found: string[] = [];
      await eventually(async () => found.push(...(await heard())) >= expected.length);
      expect(found.sort()).toEqual(expected.sort());
    };
    const off = (name: 'sound' | 'vibration' | 'awake') => page.getByLabel(texts[name]).uncheck();
    let nth = 0;
    const newOrder = async () => {
      nth += 1;
      const sellerOrderId = `H-${nth}`;
      await stage.api('POST', '/v1/deliveries', { ...ORDER, sellerOrderId });
      await page.getByText(`Order ${sellerOrderId}`).first().waitFor();
    };
    await page.getByRole('switch').click();
    await hears('awake');
    await page.getByText(texts.sharing.sharing).waitFor();
    // By the taps so far: what is opened without one is not heard on every phone.
    expect(await page.evaluate('opened')).toBe(1);
    await newOrder();
    await hears('sound', 'vibration');
    expect(await page.evaluate('opened')).toBe(1);
    await off('sound');
    await newOrder();
    await hears('vibration');
    await off('vibration');
    await newOrder();
    await off('awake');
    await hears('asleep');

    await page.reload();
    await page.getByText('Order H-1').first().waitFor();
    await newOrder();
    await page.getByText(texts.settings, { exact: true }).click();
    for (const name of ['sound', 'vibration', 'awake'] as const)
      expect(await page.getByLabel(texts[name]).isChecked()).toBe(false);
    expect(await heard()).toEqual([]);
    expect(browser.faults()).toEqual([]);
  },
  SLOW_MS,
);
