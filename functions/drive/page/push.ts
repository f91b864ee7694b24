import { ask } from '#shared/pages/ask.ts';
import { fact } from '#shared/pages/page-facts.ts';
import type { Identity } from './identity.ts';
import { within } from './within.ts';

/** The service's public key, with which this browser lets it, and nobody else, wake the worker. */
const KEY_FACT = 'push-key';
/** For a worker that becomes active, and a push service that answers; where neither does, the driver is told so. */
const PATIENCE_MS = 10_000;

/** Whether this browser can be told while the page is closed, and the service has a key to tell it with. */
export function canBePushed(): boolean {
  return fact(KEY_FACT) !== null && 'serviceWorker' in navigator && 'PushManager' in window;
}

export async function isPushed(): Promise<boolean> {
  return (await subscription()) !== null;
}

/** `denied`: the person with the phone, or its settings, say no. `silent`: nothing came of it in time. */
export type Started = 'started' | 'denied' | 'silent';

/** @throws Refusal, or DOMException of the browser's own push service */
export async function startPush(identity: Identity, patienceMs = PATIENCE_MS): Promise<Started> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const subscribed = await within(patienceMs, subscribe());
  if (subscribed === null) return 'silent';
  await register(identity, subscribed);
  return 'started';
}

/**
 * Registers anew the browser that is registered already: the service goes by the phone and the token that it was registered
 * with, so that after another pairing it would tell nobody, and the switch still be on. @throws Refusal
 */
export async function renewPush(identity: Identity): Promise<void> {
  const subscribed = await subscription();
  if (subscribed !== null) await register(identity, subscribed);
}

/** The browser forgets it first: what the service then still sends reaches nobody. */
export async function stopPush({ driverId, headers }: Identity): Promise<void> {
  const subscribed = await subscription();
  if (subscribed === null) return;
  const body = subscribed.toJSON();
  await subscribed.unsubscribe();
  await ask('DELETE', `/v1/drivers/${driverId}/push`, { body, headers });
}

async function subscribe(): Promise<PushSubscription> {
  const { pushManager } = await navigator.serviceWorker.ready;
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fact(KEY_FACT) });
}

async function register({ driverId, headers }: Identity, subscribed: PushSubscription): Promise<void> {
  await ask('PUT', `/v1/drivers/${driverId}/push`, { body: subscribed.toJSON(), headers });
}

/** Not of a worker that is `ready`: where none can become active that is waited for without end. */
async function subscription(): Promise<PushSubscription | null> {
  if (!canBePushed()) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}
