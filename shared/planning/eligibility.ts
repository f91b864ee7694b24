import type { ByDelivery } from './by-delivery.ts';
import type { ByDriver } from './by-driver.ts';
import type { Source } from './model.ts';
import type { DriverOnDuty, RuledOutReason } from './question.ts';

/** Why a driver may not have a delivery whatever the hour, by its code in the table; null: may. */
const CODES: readonly (RuledOutReason | null)[] = [
  null,
  'in_hand',
  'off_duty',
  'excluded',
  'capacity',
  'tags',
  'shift_end',
  'too_far',
];

/** By delivery and driver, row by row: 0 for who may, whatever the hour; else the code of the reason. */
export function eligibility(source: Source, byDelivery: ByDelivery, byDriver: ByDriver): Uint8Array {
  const { deliveries, drivers } = source;
  const m = drivers.length;
  const table = new Uint8Array(deliveries.length * m);
  const isFar = openRadius(source);
  for (let i = 0; i < deliveries.length; i += 1) {
    for (let j = 0; j < m; j += 1) {
      const reason = whyNever(source, byDelivery, byDriver, i, j) ?? (isFar(i, j) ? 'too_far' : null);
      if (reason && byDelivery.told[i] !== j) table[i * m + j] = CODES.indexOf(reason);
    }
  }
  return table;
}

export function reasonOf(code: number): RuledOutReason | null {
  return CODES[code]!;
}

function whyNever(
  { deliveries, drivers }: Source,
  { size, boundTo }: ByDelivery,
  { room, free, shiftEnd }: ByDriver,
  i: number,
  j: number,
): RuledOutReason | null {
  const { requires, excludedDriverIds } = deliveries[i]!;
  const driver = drivers[j]!;
  if (boundTo[i]! >= 0) return 'in_hand';
  if (driver.takesNew === false) return 'off_duty';
  if (excludedDriverIds?.includes(driver.id)) return 'excluded';
  if (size[i]! > room[j]!) return 'capacity';
  if (requires && !requires.every((tag) => driver.tags?.includes(tag))) return 'tags';
  return free[j]! >= shiftEnd[j]! ? 'shift_end' : null;
}

/**
 * The radius holds for where a driver is, and for the places that their stops in hand bring them to: whoever passes by
 * later is near enough. Asked once for each pickup place and driver.
 */
function openRadius({ question, settings, deliveries, drivers }: Source): (i: number, j: number) => boolean {
  const { distanceM } = question;
  const { maxRadiusM } = settings;
  if (!distanceM || maxRadiusM === Number.POSITIVE_INFINITY) return () => false;
  const ends = new Map(deliveries.map(({ id, pickup, dropoff }) => [id, { pickup, dropoff }]));
  const placesOf = ({ place, route = [] }: DriverOnDuty): number[] => {
    const places = route.map(
      ({ deliveryId, kind }) => ends.get(deliveryId)![kind === 'dropoff' ? kind : 'pickup'].place,
    );
    return [place, ...places];
  };
  const places = drivers.map(placesOf);
  const rows = new Map<number, boolean[]>();
  const rowFor = (pickup: number): boolean[] => {
    return places.map((here) => here.every((place) => distanceM(place, pickup) > maxRadiusM));
  };
  return (i, j) => {
    const pickup = deliveries[i]!.pickup.place;
    let row = rows.get(pickup);
    if (!row) {
      row = rowFor(pickup);
      rows.set(pickup, row);
    }
    return row[j]!;
  };
}
