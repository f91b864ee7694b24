import { dropSubscription, keepSubscription } from '../db/statements/push-subscriptions.ts';
import type { FlowDeps } from './deps.ts';

/* Browsers of drivers' phones that may be woken; what they are told, and when, is the relay's (relay/tell-phones.ts). */

type Which = { shopId: string; driverId: string };
type Deps = Pick<FlowDeps, 'db'>;

/**
 * From now on this browser is told what concerns this driver, and nothing of the driver who had it before.
 * @param which.deviceId the paired phone it is on: with that withdrawn it is told nothing
 * @returns false: the shop has no such driver in service
 */
export function registerPhone(
  { db }: Deps,
  which: Which & { deviceId: string | null },
  { endpoint, keys }: { endpoint: string; keys: { p256dh: string; auth: string } },
): Promise<boolean> {
  const { shopId: shop_id, driverId: driver_id, deviceId: device_id } = which;
  return keepSubscription(db, { shop_id, driver_id, device_id, endpoint, ...keys });
}

/** Nothing happens where it is not registered. */
export function unregisterPhone({ db }: Deps, { shopId, driverId }: Which, endpoint: string): Promise<void> {
  return dropSubscription(db, { shop_id: shopId, driver_id: driverId, endpoint });
}
