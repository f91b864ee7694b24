import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeptSteps } from './kept-steps.ts';
import { openOutbox } from './outbox.ts';
import type { Step } from './steps.ts';

const STEP: Step = {
  ...{ id: 's-1', key: 's-1', driverId: 'd-1', place: 1, deliveryId: 'o-1', title: 'B-1' },
  status: 'DELIVERED',
  occurredAt: '2026-05-04T10:00:00Z',
};
const PHOTO = new Blob(['a picture'], { type: 'image/jpeg' });

let asked: string[];
beforeEach(() => {
  asked = [];
  // Without locks, which only a browser has.
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return new Response('{"photoUrl":"/v1/deliveries/o-1/proof"}');
  });
});
afterEach(() => vi.unstubAllGlobals());

/** What a phone keeps, where only reading can fail. */
function stepsOf({ read = async () => {}, photoOf = async () => undefined }: Partial<KeptSteps>): KeptSteps {
  let waiting: readonly Step[] = [STEP];
  const keep = async (step: Step) => {
    waiting = [step];
    return 'kept' as const;
  };
  const drop = async () => {
    waiting = [];
  };
  const rest = { arrived: () => [], refused: () => [], forget() {}, dismiss: async () => {} };
  return { ...rest, waiting: () => waiting, read, photoOf, keep, drop };
}
const unreadable = () => Promise.reject(new DOMException('Connection lost', 'UnknownError'));

test('a photograph goes ahead of its step', async () => {
  const outbox = openOutbox('d-1', stepsOf({ photoOf: async () => PHOTO }));
  expect(await outbox.flush({})).toBe(true);
  expect(asked).toEqual(['/v1/deliveries/o-1/proof', '/v1/deliveries/o-1/status']);
  expect(outbox.waiting()).toEqual([]);
});

test('a step whose photograph cannot be read waits with it', async () => {
  const outbox = openOutbox('d-1', stepsOf({ photoOf: unreadable }));
  expect(await outbox.flush({})).toBe(false);
  expect([asked, outbox.waiting()]).toEqual([[], [STEP]]);
  expect(await outbox.flush({})).toBe(false);
  // A picture that the browser has lost is less than the steps that would wait for it.
  expect(await outbox.flush({})).toBe(true);
  expect(asked).toEqual(['/v1/deliveries/o-1/status']);
});

test('what the page has is sent also where the phone cannot be read; that it was all is not known', async () => {
  const outbox = openOutbox('d-1', stepsOf({ read: unreadable }));
  expect(await outbox.flush({})).toBe(false);
  expect([asked, outbox.waiting()]).toEqual([['/v1/deliveries/o-1/status'], []]);
});
