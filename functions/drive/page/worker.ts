/*
 * Lets the page open without a connection; sends what waits when there is one again, and shows what the service tells,
 * also when the page is closed by then. What the page asks the service is never answered from here.
 */
import { knownIdentity } from './identity.ts';
import { answerPage, fillShelf, type Host, PAGE } from './kept-page.ts';
import { openOutbox } from './outbox.ts';
import { noticeOf, readPushed } from './pushed.ts';

const worker = self as unknown as ServiceWorkerGlobalScope;
const host: Host = { fetch: (request, how) => fetch(request, how), caches };

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface SyncEvent extends ExtendableEvent {
  tag: string;
}
interface PushEvent extends ExtendableEvent {
  data: { json(): unknown } | null;
}
interface NotificationEvent extends ExtendableEvent {
  notification: Notification;
}
interface Client {
  postMessage(message: unknown): void;
  focus(): Promise<unknown>;
}
interface ServiceWorkerGlobalScope {
  skipWaiting(): Promise<void>;
  registration: { showNotification(title: string, options: NotificationOptions): Promise<void> };
  clients: {
    claim(): Promise<void>;
    matchAll(options?: { type: 'window' }): Promise<readonly Client[]>;
    openWindow(path: string): Promise<unknown>;
  };
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'sync', listener: (event: SyncEvent) => void): void;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: NotificationEvent) => void): void;
}

/** @throws Error where something still waits: the browser then wakes this worker again, later each time */
async function sendSteps(): Promise<void> {
  const identity = await knownIdentity();
  if (identity === null) return;
  const answered = await openOutbox(identity.driverId).flush(identity.headers);
  for (const client of await worker.clients.matchAll()) client.postMessage('steps');
  if (!answered) throw new Error('Steps still wait');
}

/** The page looks again at once, and the phone makes itself heard. */
async function hear(data: unknown): Promise<void> {
  const pushed = readPushed(data);
  const notice = pushed && (await noticeOf(pushed));
  if (notice === null) return;
  for (const client of await worker.clients.matchAll({ type: 'window' })) client.postMessage('pushed');
  await worker.registration.showNotification(notice.title, notice.options);
}

async function openPage(): Promise<void> {
  const [client] = await worker.clients.matchAll({ type: 'window' });
  await (client ? client.focus() : worker.clients.openWindow(PAGE));
}

worker.addEventListener('install', (event) => event.waitUntil(fillShelf(host).then(() => worker.skipWaiting())));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('sync', (event) => event.waitUntil(sendSteps()));
worker.addEventListener('push', (event) => event.waitUntil(hear(event.data?.json())));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});
worker.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin) return;
  if (pathname === PAGE) event.respondWith(answerPage(event.request, host));
  else if (pathname.startsWith('/drive/')) {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  }
});
