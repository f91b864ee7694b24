// @vitest-environment happy-dom

import { answerWith, asked, defined } from '@vendure/dashboard';
import { beforeEach, expect, it } from 'vitest';
import { TEXTS } from '../src/dashboard/texts';
import { PROBLEMS } from '../src/deliveries/health-problems';
import { catalogue } from './support/catalogue';
import { eventually } from './support/eventually';
import { speak } from './support/lingui-stand-in';
import { open, show, text } from './support/rendered';
import '../src/dashboard';

const delivery = {
  status: 'ASSIGNED',
  driverName: 'Nora Near',
  driverPhone: '+49 (30) 1234',
  eta: '2030-01-01T12:34:00Z',
  why: 'Nora is nearest: 4 minutes away.',
  trackingUrl: 'https://track.example.com/1',
  reference: 'ABC',
  error: null,
  failureCode: null,
  failureNote: null,
  proof: null,
  canReturn: false,
  canReassign: true,
  canRetry: false,
};
const page = (fields: object) => ({
  order: {
    id: '1',
    fulfillments: [
      { id: '7', delivery: { ...delivery, ...fields } },
      { id: '8', delivery: null },
    ],
  },
});

beforeEach(() => {
  asked.length = 0;
  speak('en', {});
});

it('stands on the order page, beside the fulfillments, where there are any', () => {
  const [block] = defined[0]!.pageBlocks;
  expect(block!.location).toEqual({
    pageId: 'order-detail',
    column: 'side',
    position: { blockId: 'fulfillment-details', order: 'after' },
  });
  expect(block!.shouldRender!({ entity: { fulfillments: [] } })).toBe(false);
  expect(block!.shouldRender!({ entity: { fulfillments: [{}] } })).toBe(true);
});

it('shows status, driver, and a link to the tracking page', async () => {
  answerWith(() => page({}));
  const root = show();
  await text(root, 'Nora Near');
  expect(root.textContent).toContain('assigned');
  expect(root.textContent).toContain('Nora is nearest: 4 minutes away.');
  expect([...root.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
    'tel:+49301234',
    'https://track.example.com/1',
  ]);
  expect([...root.querySelectorAll('button')].map((button) => button.textContent)).toEqual(['Reassign']);
});

it('reassigns, and shows what came of it', async () => {
  answerWith(() => page({}));
  const root = show();
  await text(root, 'Nora Near');
  answerWith(() => page({ driverName: 'Second' }));
  root.querySelector('button')!.click();
  await text(root, 'Second');
  expect(asked.find(({ document }) => document.includes('reassignDriverDelivery'))?.variables).toEqual({ id: '7' });
});

it('offers a retry with the reason, and says why it did not work', async () => {
  answerWith(() =>
    page({
      status: 'REQUESTED',
      driverName: null,
      eta: null,
      trackingUrl: null,
      error: '422 invalid',
      canReassign: false,
      canRetry: true,
    }),
  );
  const root = show();
  await text(root, '422 invalid');
  answerWith((document) => {
    if (document.includes('mutation')) throw new Error('The delivery has ended');
    return page({ canRetry: true });
  });
  root.querySelector('button')!.click();
  await text(root, 'The delivery has ended');
});

it('shows why a delivery failed, with the photograph, and what can be done about it', async () => {
  const failed = {
    status: 'FAILED',
    failureCode: 'RECIPIENT_UNAVAILABLE',
    failureNote: 'nobody home',
    proof: JSON.stringify({ photoUrl: 'https://photos.example.com/1.jpg' }),
    photo: 'https://photos.example.com/1.jpg',
    canReassign: false,
    canRetry: true,
    canReturn: true,
  };
  answerWith(() => page(failed));
  const root = show();
  await text(root, 'recipient unavailable: nobody home');
  await eventually(async () =>
    expect(root.querySelector('img')?.getAttribute('src')).toBe('https://photos.example.com/1.jpg'),
  );
  const [, returned] = root.querySelectorAll('button');
  expect([...root.querySelectorAll('button')].map((button) => button.textContent)).toEqual(['Retry', 'Returned']);
  answerWith(() => page({ ...failed, status: 'RETURNED', canRetry: false, canReturn: false }));
  returned!.click();
  await text(root, 'returned');
  expect(asked.find(({ document }) => document.includes('returnDriverDelivery'))?.variables).toEqual({ id: '7' });
});

it('says above every page what stops orders, in the language of the dashboard, and nothing where all is well', async () => {
  const [alert] = defined[0]!.alerts!;
  const said = (part: 'title' | 'description', data: object) => (alert![part] as (data: object) => string)(data);
  const findings = [
    { code: 'unreachable', value: 'ECONNREFUSED', text: 'It does not answer (ECONNREFUSED).' },
    { code: 'newer', value: null, text: 'Something else.' },
  ];
  answerWith(() => ({ driverDispatchHealth: { reachable: true, findings } }));
  const wrong = await alert!.check();
  expect(alert!.shouldShow(wrong)).toBe(true);
  expect(said('title', wrong)).toBe('Driver deliveries need attention');
  expect(said('description', wrong)).toBe('It does not answer (ECONNREFUSED). Something else.');
  expect((alert!.severity as (data: object) => string)(wrong)).toBe('warning');
  speak('de', catalogue('de'));
  expect(said('title', wrong)).toBe('Lieferungen durch Fahrer: etwas ist zu tun');
  // What is newer than this catalogue stays in English.
  expect(said('description', wrong)).toBe(
    'Der Lieferdienst antwortet unter serviceUrl nicht (ECONNREFUSED). Something else.',
  );
  answerWith(() => ({ driverDispatchHealth: { reachable: true, findings: [] } }));
  expect(alert!.shouldShow(await alert!.check())).toBe(false);
  // As the dashboard asks before the first answer: an error here would leave no page at all.
  expect(alert!.shouldShow(undefined)).toBe(false);
  expect((alert!.severity as (data: unknown) => string)(undefined)).toBe('info');
});

it('shows who took it, and the photograph, when it is delivered', async () => {
  const proof = JSON.stringify({ receivedBy: 'the neighbour', photoUrl: '/v1/deliveries/1/proof' });
  answerWith(() => page({ status: 'DELIVERED', proof, photo: 'data:image/png;base64,AAAA' }));
  const root = show();
  await text(root, 'Received by the neighbour');
  expect(root.textContent).not.toContain('Expected');
  await eventually(async () =>
    expect(root.querySelector('img')?.getAttribute('src')).toBe('data:image/png;base64,AAAA'),
  );
  // Large: asked for once, and not with what is asked for every few seconds.
  expect(asked.filter(({ document }) => /\bphoto\b/.test(document))).toHaveLength(1);
});

it('has a page with the deliveries of the day, each with its order', async () => {
  const waiting = {
    id: 'd1',
    reference: 'ABC',
    orderId: '5',
    status: 'PENDING',
    waitsFor: 'needs_location',
    driverName: null,
    address: 'Torstraße 1',
    plannedAt: null,
    createdAt: '2030-01-01T10:00:00Z',
    endedAt: null,
    failureCode: null,
  };
  const failed = { ...waiting, id: 'd2', orderId: null, status: 'FAILED', waitsFor: null, failureCode: 'REFUSED' };
  answerWith(() => ({ driverDispatchDeliveries: [waiting, { ...failed, driverName: 'Nora' }] }));
  const root = open('/driver-deliveries');
  await text(root, 'Torstraße 1');
  const rows = [...root.querySelectorAll('tbody tr')].map((row) => row.textContent);
  expect(rows[0]).toContain('waiting needs coordinates');
  expect(rows[1]).toContain('failed refusedNora');
  expect([...root.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual(['/orders/5']);
  answerWith(() => ({ driverDispatchDeliveries: [] }));
  await text(open('/driver-deliveries'), 'No deliveries today');
});

it('has a page with the drivers, who is on duty and what they did today, in German too', async () => {
  const driver = { id: '1', name: 'Nora', phone: null, load: 1, capacity: 2, delivered: 7, failed: 0, underWay: 1 };
  answerWith(() => ({ driverDispatchDrivers: [{ ...driver, status: 'BUSY' }] }));
  speak('de', catalogue('de'));
  const root = open('/drivers');
  await text(root, 'Nora');
  expect(root.querySelector('h1')?.textContent).toBe('Fahrer');
  expect([...root.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual([
    'Nora',
    'beschäftigt',
    '1 (1/2)',
    '7',
    '0',
  ]);
});

it('has every text in both catalogues, with the same places for values, and both menu items', () => {
  const menu = defined[0]!.routes.map(({ navMenuItem }) => [navMenuItem!.title!, navMenuItem!.title!]);
  const english = Object.fromEntries([
    ...menu,
    ...Object.entries(TEXTS).map(([name, text]) => [`driver-dispatch.${name}`, text]),
  ]);
  expect(catalogue('en')).toEqual(english);
  const german = catalogue('de');
  // What the shop finds wrong it says in English itself.
  for (const [code, words] of Object.entries(PROBLEMS)) english[`driver-dispatch.problem.${code}`] = words('%value');
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
  for (const [id, text] of Object.entries(german)) expect(text.match(/%\w+/g), id).toEqual(english[id].match(/%\w+/g));
});
