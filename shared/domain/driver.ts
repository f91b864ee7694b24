/** What a driver may be found as. BUSY and OFFLINE drivers are never proposed for a delivery. */
export const DRIVER_STATUSES = ['AVAILABLE', 'BUSY', 'OFFLINE'] as const;
export type DriverStatus = (typeof DRIVER_STATUSES)[number];

/** No contact for this long: a phone that can be woken is asked whether its driver is still there. */
export const ASK_AFTER_S = 40;
/** No contact for this long: not found by any search. */
export const SILENT_AFTER_S = 60;
/** No contact for this long: OFFLINE in Postgres too, unless a delivery is in hand. */
export const OFFLINE_AFTER_S = 90;
/** A delivery not yet picked up is taken from a driver who has been unreachable for this long. */
export const REDISPATCH_AFTER_S = 300;

/**
 * Status follows from what the driver last said (`duty`) and what they carry. The same rule is the generated column
 * `driver.status`; `db/schema.int.test.ts` holds the two together.
 *
 * @param load active deliveries, 0..capacity
 */
export function statusOf(duty: DriverStatus, load: number, capacity: number): DriverStatus {
  if (load >= capacity) return 'BUSY';
  if (duty === 'AVAILABLE') return 'AVAILABLE';
  return duty === 'OFFLINE' && load === 0 ? 'OFFLINE' : 'BUSY';
}
