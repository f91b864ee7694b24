import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/**
 * I16: whom a delivery leaves out does not get it, but by hand. A driver is left out from when it was taken from them, or
 * from its beginning: so of whoever is left out in the end, it was taken after they had it last.
 */
export function checkExclusions({ deliveries, deliveryEvents }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const byDelivery = groupBy(deliveryEvents, (event) => event.deliveryId);
  return deliveries.flatMap((delivery) => {
    const own = byDelivery.get(delivery.id) ?? [];
    return delivery.excluded.flatMap((driverId) => {
      count(1);
      const theirs = own.filter((event) => event.driverId === driverId);
      const given = theirs.findLast(({ type, data }) => type === 'ASSIGNED' && data?.byHand !== true);
      const isTaken = theirs.some(({ type, seq }) => type === 'UNASSIGNED' && seq > (given?.seq ?? 0));
      if (given === undefined || isTaken) return [];
      return [
        { invariant: 'I16', what: 'a delivery was given to a driver whom it leaves out', example: { delivery, given } },
      ];
    });
  });
}
