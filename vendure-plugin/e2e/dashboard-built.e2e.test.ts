import fs from 'node:fs';
import path from 'node:path';
import { TransactionalConnection } from '@vendure/core';
import gql from 'graphql-tag';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { buildDashboard, serveDashboard } from './support/built-dashboard';
import { catalogue } from './support/catalogue';
import { eventually } from './support/eventually';
import { freePort } from './support/free-port';
import type {} from './support/global-setup';
import type { Json } from './support/json';
import { driversOf } from './support/loop';
import { API_KEY, Service } from './support/service';
import { checkout, openShop, orderOf, type Shop, shopConfig } from './support/shop';

/*
 * The real dashboard, built by Vite with the packed plugin, served by a shop, in Debian's Chromium: what no stand-in can
 * show. PICTURES=new renews the README's pictures.
 */

const CHROMIUM = '/usr/bin/chromium';
const PICTURES = path.join(__dirname, '../docs');
const MOST_BYTES = 150 * 1024;
let shop: Shop;
let service: Service;
let browser: Browser;
let stopShop: (() => Promise<void>) | undefined;
let drivers: ReturnType<typeof driversOf>;
const faults: string[] = [];

beforeAll(async () => {
  await buildDashboard();
  const [port, databaseUrl] = [await freePort(), inject('databases').dashboard!];
  service = await Service.start({
    databaseUrl,
    redisUrl: inject('redisUrl'),
    redisPrefix: 'dashboard:',
    shopPort: port,
  });
  shop = await openShop(shopConfig({ port, databaseUrl }, { serviceUrl: service.url }));
  const { database } = shop.server.app.get(TransactionalConnection).rawConnection.options as { database: string };
  await shop.server.destroy();
  stopShop = await serveDashboard({ port, databaseUrl, database, serviceUrl: service.url });
  drivers = driversOf(service);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
}, 900_000);
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await drivers.clear();
});
afterAll(async () => {
  await browser?.close();
  await stopShop?.();
  await service?.stop();
});

/** A page of the dashboard, for an administrator who has signed in. Their language is kept by the shop, as the rest of what they like. */
async function open(route: string, displayLanguage: 'en' | 'de' = 'en'): Promise<Page> {
  await shop.adminClient.query(
    gql`mutation ($input: SettingsStoreInput!) { setSettingsStoreValue(input: $input) { result error } }`,
    { input: { key: 'vendure.dashboard.userSettings', value: { displayLanguage, theme: 'light' } } },
  );
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: displayLanguage === 'de' ? 'de-DE' : 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  // What the dashboard catches, it says there, and shows no page.
  page.on('console', (message) => {
    if (message.type() === 'error' && /TypeError|ReferenceError/.test(message.text())) faults.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${shop.port}/dashboard/login`);
  await page.fill('input[name=username]', 'superadmin');
  await page.fill('input[name=password]', 'superadmin');
  await page.click('button[type=submit]');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  await page.goto(`http://127.0.0.1:${shop.port}/dashboard${route}`);
  return page;
}

/** An order's only delivery, once the shop knows that it is so. */
const shown = (orderId: string, status: string): Promise<Json> =>
  eventually(async () => {
    const { fulfillments } = await orderOf(shop, orderId);
    expect(fulfillments).toMatchObject([{ delivery: { status } }]);
    return fulfillments[0].delivery;
  });

/** For the README, where it is missing or PICTURES=new asks for another one: each run's differ a little. */
async function picture(page: Page, name: string): Promise<void> {
  const file = path.join(PICTURES, `${name}.png`);
  if (fs.existsSync(file) && process.env.PICTURES !== 'new') return;
  fs.mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: file, animations: 'disabled', scale: 'css' });
  expect(fs.statSync(file).size, name).toBeLessThan(MOST_BYTES);
}

/** What a driver's page keeps at the service before the step that names it. @returns the address it got */
async function photograph(deliveryId: string): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 320, height: 240 } });
  await page.setContent(DOOR);
  const body = new Uint8Array(await page.screenshot({ type: 'jpeg', quality: 60 }));
  await page.close();
  const answer = await fetch(`${service.url}/v1/deliveries/${deliveryId}/proof`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'image/jpeg' },
    body,
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { photoUrl: string }).photoUrl;
}
const DOOR = `<body style="margin:0;background:#cdd6d0"><svg viewBox="0 0 320 240">
  <rect y="200" width="320" height="40" fill="#8d8577"/><rect x="110" y="20" width="100" height="180" fill="#35524a"/>
  <circle cx="195" cy="115" r="5" fill="#e0c068"/><rect x="135" y="150" width="80" height="58" fill="#c49a6c"/>
  <rect x="169" y="150" width="12" height="58" fill="#a97f52"/></svg>`;

const shows = (page: Page, expected: string) => page.getByText(expected).first().waitFor();
const card = (page: Page, title: string) =>
  page
    .locator('[data-slot=card]')
    .filter({ has: page.locator('[data-slot=card-title]').getByText(title, { exact: true }) });
/** As it is read: what stands apart is apart. */
const textOf = async (part: Locator) => (await part.allInnerTexts()).join('\n');
/** A picture that the browser could read. */
const loaded = (image: Locator) =>
  eventually(async () =>
    expect(await image.evaluate((each) => (each as unknown as { naturalWidth: number }).naturalWidth)).toBe(320),
  );

/** Texts of ours that stand there in English, and have a German that is another. */
function english(text: string): string[] {
  const german = catalogue('de');
  return Object.entries(catalogue('en'))
    .filter(([id, words]) => german[id] !== words)
    .map(([, words]) => words.replace(/%.*/, '').trim())
    .filter((words) => new RegExp(`(?<!\\p{L})${words.replace(/[()]/g, '\\$&')}(?!\\p{L})`, 'u').test(text));
}

it('the order page has one card with driver, time, reason and actions, and no raw fields', async () => {
  await drivers.driver('Nora Near');
  const { id, code } = await checkout(shop);
  await shown(id, 'ASSIGNED');
  const page = await open(`/orders/${id}`);
  const ours = card(page, 'Driver delivery');
  await ours.getByText('Nora Near').first().waitFor();
  expect(await ours.count()).toBe(1);
  const said = await textOf(ours);
  for (const expected of [code, 'assigned', 'Expected at', 'Tracking page']) expect(said).toContain(expected);
  expect(await ours.locator('a[href="tel:+49301234"]').count()).toBe(1);
  expect(await ours.getByRole('button').allInnerTexts()).toEqual(['Reassign']);
  // The names of the raw fields, as the card of the fulfillment would have them.
  for (const raw of ['Delivery status', 'Reference at the service', 'Dropoff sent', 'Trip (m)'])
    expect(await page.getByText(raw, { exact: true }).count(), raw).toBe(0);
  await ours.scrollIntoViewIfNeeded();
  await picture(page, 'order');
}, 120_000);

it('shows a failure with the driver’s note and photograph, and takes back what comes back', async () => {
  await drivers.driver('Omar Otto');
  const { id } = await checkout(shop);
  const { deliveryId } = await shown(id, 'ASSIGNED');
  await service.move(deliveryId, 'PICKED_UP');
  const proof = { photoUrl: await photograph(deliveryId) };
  await service.move(deliveryId, 'FAILED', { failureCode: 'RECIPIENT_UNAVAILABLE', note: 'Nobody opens', proof });
  await shown(id, 'FAILED');
  const page = await open(`/orders/${id}`);
  const ours = card(page, 'Driver delivery');
  await ours.getByText('recipient unavailable: Nobody opens').waitFor();
  await loaded(ours.getByRole('img'));
  expect(await ours.getByRole('button').allInnerTexts()).toEqual(['Retry', 'Returned']);
  await ours.scrollIntoViewIfNeeded();
  await picture(page, 'order-failed');
  await ours.getByRole('button', { name: 'Returned' }).click();
  await ours.getByText('returned', { exact: true }).waitFor();
  await shown(id, 'RETURNED');
}, 120_000);

it('tries a failed delivery again', async () => {
  await drivers.driver('Paul Prompt');
  const { id } = await checkout(shop);
  const { deliveryId } = await shown(id, 'ASSIGNED');
  await service.move(deliveryId, 'FAILED', { failureCode: 'PICKUP_FAILED', note: 'The shop was closed' });
  await shown(id, 'FAILED');
  const page = await open(`/orders/${id}`);
  const ours = card(page, 'Driver delivery');
  await ours.getByText('failed', { exact: true }).waitFor();
  await ours.getByRole('button', { name: 'Retry' }).click();
  await ours.getByText('failed', { exact: true }).waitFor({ state: 'hidden' });
  expect(['PENDING', 'ASSIGNED']).toContain((await orderOf(shop, id)).fulfillments[0].delivery.status);
}, 120_000);

it('shows who took it, and the photograph that the service keeps', async () => {
  await drivers.driver('Pia Pedal');
  const { id } = await checkout(shop);
  const { deliveryId } = await shown(id, 'ASSIGNED');
  await service.move(deliveryId, 'PICKED_UP');
  const proof = { photoUrl: await photograph(deliveryId), receivedBy: 'the neighbour' };
  await service.move(deliveryId, 'DELIVERED', { proof });
  await shown(id, 'DELIVERED');
  const page = await open(`/orders/${id}`);
  const ours = card(page, 'Driver delivery');
  await ours.getByText('Received by the neighbour').waitFor();
  await loaded(ours.getByRole('img'));
  await ours.scrollIntoViewIfNeeded();
  await picture(page, 'order-delivered');
}, 120_000);

it('has pages with the deliveries of the day, each with its order, and the drivers', async () => {
  await drivers.driver('Quinn Quick');
  const { id, code } = await checkout(shop);
  await shown(id, 'ASSIGNED');
  const page = await open('/driver-deliveries');
  await page.getByRole('row').filter({ hasText: code }).filter({ hasText: 'Quinn Quick' }).waitFor();
  await picture(page, 'deliveries');
  await page.getByRole('link', { name: 'Drivers', exact: true }).first().click();
  await page.getByRole('row').filter({ hasText: 'Quinn Quick' }).filter({ hasText: 'busy' }).waitFor();
  await picture(page, 'drivers');
  await page.getByRole('link', { name: 'Deliveries', exact: true }).first().click();
  await page.getByText(code, { exact: true }).first().click();
  await card(page, 'Driver delivery').getByText('Quinn Quick').first().waitFor();
}, 120_000);

/** What the service does with orders, once it knows. */
const modeIs = (mode: string) =>
  eventually(async () => {
    const { body: me } = await service.ask('GET', '/v1/me');
    const { body } = await service.ask('GET', `/v1/shops/${me.shop.id}`);
    expect(body.dispatch.mode).toBe(mode);
  });

it('changes the settings of service and shop', async () => {
  const page = await open('/driver-delivery-settings');
  await page.getByLabel('Delivery radius (m)').fill('3000');
  await page.getByRole('combobox', { name: /^Orders are/ }).selectOption('offer');
  await page.getByRole('button', { name: 'Save' }).click();
  await modeIs('offer');
  await page.reload();
  await eventually(async () => expect(await page.getByLabel('Delivery radius (m)').inputValue()).toBe('3000'));
  await page.getByRole('combobox', { name: /^Orders are/ }).selectOption('assign');
  await page.getByRole('button', { name: 'Save' }).click();
  await modeIs('assign');
}, 120_000);

it('leaves no English word of its own in German', async () => {
  await drivers.driver('Rita Rad');
  const { id, code } = await checkout(shop);
  await shown(id, 'ASSIGNED');
  const page = await open(`/orders/${id}`, 'de');
  const ours = card(page, 'Lieferung durch Fahrer');
  await ours.getByText('Rita Rad').first().waitFor();
  // What the service says of why is English, as the README says.
  const why = await textOf(ours.locator('p.text-muted-foreground'));
  expect(english((await textOf(ours)).replace(why, ''))).toEqual([]);
  await ours.scrollIntoViewIfNeeded();
  await picture(page, 'order-german');
  for (const [item, expected] of [
    ['Lieferungen', code],
    ['Fahrer', 'Rita Rad'],
    ['Liefereinstellungen', 'Lieferumkreis (m)'],
  ] as const) {
    const link = page.getByRole('link', { name: item, exact: true }).first();
    if (!(await link.isVisible())) await page.getByRole('button', { name: 'Einstellungen' }).first().click();
    await link.click();
    await page.getByRole('heading', { name: item, exact: true }).first().waitFor();
    await shows(page, expected);
    expect(english(await textOf(page.locator('main').last())), item).toEqual([]);
  }
  await picture(page, 'settings-german');
}, 120_000);

it('says in the bell of every page what stops orders', async () => {
  await service.killServer();
  const page = await open('/orders');
  await page
    .getByRole('button')
    .filter({ has: page.locator('.lucide-bell') })
    .click();
  await shows(page, 'Driver deliveries need attention');
  await service.startServer();
}, 120_000);

it('no script of the pages failed', () => expect(faults).toEqual([]));
