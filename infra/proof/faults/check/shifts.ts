import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { openKnownDrivers } from './known-driver.ts';

/** I20: nobody is told of a stop after the end of their shift, but by hand. */
export function checkShifts(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const knownAt = openKnownDrivers(evidence);
  const planned = new Map(evidence.outbox.map((each) => [`${each.deliveryId} ${each.seq}`, each.plannedDropoffMs]));
  return evidence.deliveryEvents.flatMap((event) => {
    const { type, driverId, driverVersion, data, recordedMs } = event;
    if (type !== 'ASSIGNED' || driverId === null || driverVersion === null || data?.byHand) return [];
    const shiftEndsMs = knownAt(driverId, driverVersion - 1)?.shiftEndsMs ?? Number.POSITIVE_INFINITY;
    if (Number.isFinite(shiftEndsMs)) count(1);
    const dropoffMs = planned.get(`${event.deliveryId} ${event.seq}`) ?? Number.NEGATIVE_INFINITY;
    const example = { event, shiftEndsMs, dropoffMs };
    if (recordedMs >= shiftEndsMs) return [{ invariant: 'I20', what: 'told after the end of the shift', example }];
    if (dropoffMs <= shiftEndsMs) return [];
    return [{ invariant: 'I20', what: 'told of a hand-over after the end of the shift', example }];
  });
}
