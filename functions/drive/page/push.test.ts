import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isPushed, renewPush, startPush, stopPush } from './push.ts';

const IDENTITY = { driverId: 'd-1', headers: { authorization: 'Bearer of the new pairing' } };
const PUSH = '/v1/drivers/d-1/push';
const MADE = { endpoint: 'https://push.example/1', keys: { p256dh: 'B', auth: 'A' } };

let asked: { method: string; path: string; body: unknown; authorization: string }[];
let unsubscribed: number;
const subscription = { toJSON: () => MADE, unsubscribe: async () => (unsubscribed += 1) };

/** @param worker whether one has become active @param kept whether this browser has subscribed before */
function openBrowser({ worker, kept }: { worker: boolean; kept: boolean }): void {
  const pushManager = {
    subscribe: async () => subscription,
    getSubscription: async () => (kept ? subscription : null),
  };
  vi.stubGlobal('window', { PushManager: class {} });
  vi.stubGlobal('document', { querySelector: () => ({ content: 'the key' }) });
  vi.stubGlobal('Notification', { requestPermission: async () => 'granted' });
  vi.stubGlobal('navigator', {
    serviceWorker: {
      ready: worker ? Promise.resolve({ pushManager }) : new Promise(() => {}),
      getRegistration: async () => (worker ? { pushManager } : undefined),
    },
  });
}

beforeEach(() => {
  [asked, unsubscribed] = [[], 0];
  vi.stubGlobal('fetch', async (path: string, { method, body, headers }: RequestInit) => {
    const { authorization } = headers as { authorization: string };
    asked.push({ method: method!, path, body: JSON.parse(String(body)), authorization });
    return new Response(null, { status: 204 });
  });
});
afterEach(() => vi.unstubAllGlobals());

test('what this browser has registered is registered anew for whose phone it is now', async () => {
  openBrowser({ worker: true, kept: true });
  await renewPush(IDENTITY);
  expect(asked).toEqual([{ method: 'PUT', path: PUSH, body: MADE, authorization: 'Bearer of the new pairing' }]);
});

test('a browser that nobody has registered is left alone', async () => {
  openBrowser({ worker: true, kept: false });
  await renewPush(IDENTITY);
  expect(asked).toEqual([]);
});

test('where no worker became active nothing is waited for: nothing is on, and what logs out goes on', async () => {
  openBrowser({ worker: false, kept: false });
  expect(await isPushed()).toBe(false);
  await stopPush(IDENTITY);
  expect([asked, unsubscribed]).toEqual([[], 0]);
});

test('what cannot be switched on says so in time', async () => {
  openBrowser({ worker: false, kept: false });
  expect(await startPush(IDENTITY, 20)).toBe('silent');
  openBrowser({ worker: true, kept: false });
  expect(await startPush(IDENTITY, 1_000)).toBe('started');
  expect(asked.map(({ method }) => method)).toEqual(['PUT']);
});
