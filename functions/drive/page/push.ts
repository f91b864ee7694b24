import { ask } from '#shared/pages/ask.ts';
import { fact } from '#shared/pages/page-facts.ts';
import type { Identity } from './identity.ts';

/** The service's public key, with which this browser lets it, and nobody else, wake the worker. */
const KEY_FACT = 'push-key';

/** Whether this browser can be told while the page is closed, and the service has a key to tell it with. */
export function canBePushed(): boolean {
  return fact(KEY_FACT) !== null && 'serviceWorker' in navigator && 'PushManager' in window;
}

export async function isPushed(): Promise<boolean> {
  return (await subscription()) !== null;
}

/** @returns false where the person with the phone, or its settings, say no. @throws Refusal */
export async function startPush({ driverId, headers }: Identity): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscribed = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fact(KEY_FACT) });
  await ask('PUT', `/v1/drivers/${driverId}/push`, { body: subscribed.toJSON(), headers });
  return true;
}

/** The browser forgets it first: what the service then still sends reaches nobody. */
export async function stopPush({ driverId, headers }: Identity): Promise<void> {
  const subscribed = await subscription();
  if (subscribed === null) return;
  const body = subscribed.toJSON();
  await subscribed.unsubscribe();
  await ask('DELETE', `/v1/drivers/${driverId}/push`, { body, headers });
}

async function subscription(): Promise<PushSubscription | null> {
  if (!canBePushed()) return null;
  return (await navigator.serviceWorker.ready).pushManager.getSubscription();
}
