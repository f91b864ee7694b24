import type { DriverArrays, DriverSource } from './driver-arrays.ts';
import type { DriverOnDuty, RuledOutReason } from './question.ts';

/** Codes of `ruledOut`: who may not have a delivery whatever the hour, and why. 0: may. */
export const RULES = [
  null,
  'in_hand',
  'excluded',
  'capacity',
  'tags',
  'too_far',
  'shift_end',
] as const satisfies readonly (RuledOutReason | null)[];

/** By delivery and driver, row by row: an index into RULES. */
export function eligibilityOf(source: DriverSource, drivers: Omit<DriverArrays, 'ruledOut'>): Uint8Array {
  const { deliveries, arrays } = source;
  const m = source.drivers.length;
  const table = new Uint8Array(deliveries.length * m);
  const tooFar = openRadius(source);
  for (const [i, delivery] of deliveries.entries()) {
    const { requires = [], excludedDriverIds = [] } = delivery;
    const size = arrays.size[i]!;
    for (let j = 0; j < m; j += 1) {
      const driver = source.drivers[j]!;
      let rule = 0;
      if (arrays.told[i] === j) rule = 0;
      else if (arrays.boundTo[i]! >= 0) rule = 1;
      else if (excludedDriverIds.length > 0 && excludedDriverIds.includes(driver.id)) rule = 2;
      else if (size > drivers.room[j]!) rule = 3;
      else if (requires.length > 0 && !requires.every((tag) => driver.tags?.includes(tag))) rule = 4;
      else if (drivers.free[j]! >= drivers.shiftEnd[j]!) rule = 6;
      else if (tooFar(delivery.pickup.place, j)) rule = 5;
      table[i * m + j] = rule;
    }
  }
  return table;
}

/**
 * The radius holds for where a driver is, and for the places that their stops bring them to: whoever passes by later is
 * near enough. Asked once for each place and driver.
 */
function openRadius({ question, settings, deliveries, drivers }: DriverSource): (pickup: number, j: number) => boolean {
  const { distanceM } = question;
  const { maxRadiusM } = settings;
  if (!distanceM || maxRadiusM === Number.POSITIVE_INFINITY) return () => false;
  const byDelivery = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const placesOf = (driver: DriverOnDuty): number[] => [
    driver.place,
    ...(driver.route ?? []).map(({ deliveryId, kind }) => {
      const { pickup, dropoff } = byDelivery.get(deliveryId)!;
      return kind === 'dropoff' ? dropoff.place : pickup.place;
    }),
  ];
  const places = drivers.map(placesOf);
  const known = new Map<number, Uint8Array>();
  return (pickup, j) => {
    let row = known.get(pickup);
    if (!row) {
      row = new Uint8Array(drivers.length);
      known.set(pickup, row);
    }
    if (!row[j]) row[j] = places[j]!.some((place) => distanceM(place, pickup) <= maxRadiusM) ? 1 : 2;
    return row[j] === 2;
  };
}
