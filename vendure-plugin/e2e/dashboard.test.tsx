// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { answerWith, asked, defined } from '@vendure/dashboard';
import { createRoot } from 'react-dom/client';
import { beforeEach, expect, it } from 'vitest';
import { eventually } from './support/eventually';
import '../src/dashboard';

const delivery = {
  status: 'ASSIGNED',
  driverName: 'Nora Near',
  driverPhone: '+49 (30) 1234',
  eta: '2030-01-01T12:34:00Z',
  trackingUrl: 'https://track.example.com/1',
  reference: 'ABC',
  error: null,
  failureCode: null,
  failureNote: null,
  photoUrl: null,
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

/** Renders the block as the order page does. */
function show(): HTMLElement {
  const block = defined[0]!.pageBlocks[0]!;
  const root = document.createElement('div');
  const Component = block.component!;
  createRoot(root).render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <Component context={{ entity: { id: '1' } }} />
    </QueryClientProvider>,
  );
  return root;
}
const text = (root: HTMLElement, expected: string) =>
  eventually(async () => expect(root.textContent).toContain(expected), 3_000);

beforeEach(() => {
  asked.length = 0;
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
    photoUrl: 'https://photos.example.com/1.jpg',
    canReassign: false,
    canRetry: true,
    canReturn: true,
  };
  answerWith(() => page(failed));
  const root = show();
  await text(root, 'recipient unavailable: nobody home');
  expect(root.querySelector('img')?.getAttribute('src')).toBe('https://photos.example.com/1.jpg');
  const [, returned] = root.querySelectorAll('button');
  expect([...root.querySelectorAll('button')].map((button) => button.textContent)).toEqual(['Retry', 'Returned']);
  answerWith(() => page({ ...failed, status: 'RETURNED', canRetry: false, canReturn: false }));
  returned!.click();
  await text(root, 'returned');
  expect(asked.find(({ document }) => document.includes('returnDriverDelivery'))?.variables).toEqual({ id: '7' });
});

it('says above every page what stops orders, and nothing where all is well', async () => {
  const [alert] = defined[0]!.alerts!;
  answerWith(() => ({
    driverDispatchHealth: { reachable: true, problems: ['The key is wrong.', 'So is the secret.'] },
  }));
  const wrong = await alert!.check();
  expect(alert!.shouldShow(wrong)).toBe(true);
  expect((alert!.description as (data: object) => string)(wrong)).toBe('The key is wrong. So is the secret.');
  expect((alert!.severity as (data: object) => string)(wrong)).toBe('warning');
  answerWith(() => ({ driverDispatchHealth: { reachable: true, problems: [] } }));
  expect(alert!.shouldShow(await alert!.check())).toBe(false);
});
