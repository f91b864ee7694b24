import type { DeliveryEventRow, DeliveryRow } from '../db/schema.ts';
import { hasEnded, hasFailed } from '../domain/delivery.ts';

export type { DeliveryRow };

/*
 * What a driver sees of a delivery: as much as the work asks for, and as long as it lasts. The shop sees all of it until
 * retention takes it away.
 */

/** A driver may be asked about a delivery on the day after: until then they see where it went. */
const AFTER_MS = 24 * 3_600_000;

/** Whether somebody's name, number and door are nothing to its driver any more. A failed parcel is theirs until it is back. */
function isOver({ status, dropoff_rank, updated_at }: DeliveryRow, nowMs: number): boolean {
  // By the server's clock: when it ended is what a phone said.
  return hasEnded(status) && dropoff_rank === null && nowMs - Date.parse(updated_at) > AFTER_MS;
}

/** The row without the people in it, where the driver's part is over. */
export function asDriverSees(row: DeliveryRow, nowMs: number): DeliveryRow {
  return isOver(row, nowMs) ? withoutPeople(row) : withoutOthers(row);
}

/** The row as it is answered to a driver who has just given it up. */
export function asGivenUp(row: DeliveryRow): DeliveryRow {
  return row.status === 'PENDING' ? withoutPeople(row) : row;
}

/** Without what an attempt before this one left: why it failed, and what its driver noted. */
function withoutOthers(row: DeliveryRow): DeliveryRow {
  const isFailed = hasFailed(row.status);
  return { ...row, ...(isFailed ? {} : { failure_code: null, failure_note: null }) };
}

function withoutPeople(row: DeliveryRow): DeliveryRow {
  return {
    ...row,
    pickup: {},
    pickup_lat: null,
    pickup_lon: null,
    dropoff: {},
    dropoff_lat: null,
    dropoff_lon: null,
    notes: null,
    proof: null,
    failure_note: null,
  };
}

/** The events of this driver, and those of nobody in particular, without what the customer said; of what is over only that they happened. */
export function eventsDriverSees(
  events: readonly DeliveryEventRow[],
  row: DeliveryRow,
  driverId: string,
  nowMs: number,
): readonly DeliveryEventRow[] {
  const isTheirs = (event: DeliveryEventRow) => event.driver_id === null || event.driver_id === driverId;
  const theirs = events.filter((event) => isTheirs(event) && event.type !== 'RATED');
  return isOver(row, nowMs) ? theirs.map((event) => ({ ...event, lat: null, lon: null, data: null })) : theirs;
}

/** Whether a driver may look at its photograph. */
export function mayDriverSeePhoto(row: DeliveryRow, takenBy: string | null, driverId: string, nowMs: number): boolean {
  return takenBy === driverId && !isOver(row, nowMs);
}
