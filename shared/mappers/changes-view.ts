import type { ChangesView } from '../contract/live.ts';
import type { Changes } from '../db/statements/changes.ts';
import { deliveryView, driverView } from './views.ts';

/** What has changed since a cursor, with the event that says why. */
export function changesView({ cursor, deliveries, drivers }: Changes): ChangesView {
  return {
    cursor,
    full: false,
    deliveries: deliveries.map(({ delivery }) => deliveryView(delivery)),
    drivers: drivers.map(driverView),
    events: deliveries.map(({ delivery, type }) => ({ deliveryId: delivery.id, type })),
  };
}
