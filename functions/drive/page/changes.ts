import type { DeliveryEventView, DeliveryView } from '#shared/contract/deliveries.ts';
import type { FailureProofPart, ProofPart } from '#shared/domain/proof.ts';
import type { DriveTexts } from './texts/en.ts';

/** A delivery as the driver reads it: with its events. */
export type KnownDelivery = DeliveryView & {
  events: readonly DeliveryEventView[];
  /** Absent where a phone has kept it since before shops could ask. */
  proofAsked?: { delivered: readonly ProofPart[]; failed: readonly FailureProofPart[] };
};

/** What may have changed of it; the pages' catalogue has the words. */
export type Said = keyof DriveTexts['changes'];

/** What is said of a field; of all others, that it is about the window. */
const SAID: Readonly<Record<string, Said>> = {
  'pickup.items': 'items',
  'pickup.lat': 'pickupPlace',
  'pickup.lon': 'pickupPlace',
  'pickup.address': 'pickupAddress',
  'dropoff.lat': 'dropoffPlace',
  'dropoff.lon': 'dropoffPlace',
  'dropoff.address': 'address',
  'dropoff.name': 'name',
  'dropoff.phone': 'phone',
  'dropoff.cash': 'cash',
  'dropoff.notes': 'notes',
  'dropoff.doorNotes': 'doorNotes',
  'dropoff.safePlace': 'safePlace',
  notes: 'notes',
  size: 'size',
  pincode: 'pincode',
  proofRequired: 'proof',
};
/** What a driver has nothing to do with. */
const UNSAID: ReadonlySet<string> = new Set(['requires', 'priority', 'hardWindows', 'excludedDriverIds']);

/**
 * What has been changed of a delivery since its driver was given it, each once.
 * @param seen the sequence of the last event that the driver has seen
 */
export function changesSince(events: readonly DeliveryEventView[], seen: number): readonly Said[] {
  const given = events.findLast(({ type }) => type === 'ASSIGNED')?.sequence ?? 0;
  const fields = events
    .filter(({ type, sequence }) => type === 'CHANGED' && sequence > Math.max(given, seen))
    .flatMap(({ data }) => (data?.fields ?? []) as readonly string[]);
  return [...new Set(fields.filter((field) => !UNSAID.has(field)).map((field) => SAID[field] ?? 'window'))];
}

export interface Seen {
  changesOf(delivery: KnownDelivery | undefined): readonly Said[];
  /** The driver has seen what changed of it. */
  note(delivery: KnownDelivery): void;
}

/** Deliveries of which this is kept, the latest. */
const MOST = 100;

/** What a driver has seen survives a reload; it belongs to the driver, not to the phone. */
export function openSeen(driverId: string): Seen {
  const shelf = `drive.seen.${driverId}`;
  const kept = (): Record<string, number> => JSON.parse(localStorage.getItem(shelf) ?? '{}');
  // Where the phone has no room: until the page is loaded again.
  let now = kept();
  return {
    changesOf: (delivery) => (delivery ? changesSince(delivery.events, now[delivery.id] ?? 0) : []),
    note({ id, events }) {
      const { [id]: _, ...others } = now;
      now = Object.fromEntries([...Object.entries(others), [id, events.at(-1)?.sequence ?? 0] as const].slice(-MOST));
      try {
        localStorage.setItem(shelf, JSON.stringify(now));
      } catch {}
    },
  };
}
