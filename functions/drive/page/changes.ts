import type { DeliveryEventView, DeliveryView } from '#shared/contract/deliveries.ts';

/** A delivery as the driver reads it: with its events. */
export type KnownDelivery = DeliveryView & { events: readonly DeliveryEventView[] };

const WORDS: Readonly<Record<string, string>> = {
  'pickup.lat': 'where to collect',
  'pickup.lon': 'where to collect',
  'pickup.address': 'the address of the pickup',
  'dropoff.lat': 'where to deliver',
  'dropoff.lon': 'where to deliver',
  'dropoff.address': 'the address',
  'dropoff.name': 'the recipient',
  'dropoff.phone': 'the phone number',
  'dropoff.notes': 'the notes',
  notes: 'the notes',
  size: 'the size',
  pincode: 'the PIN code',
};
/** What a driver has nothing to do with. */
const UNSAID: ReadonlySet<string> = new Set(['requires', 'priority', 'hardWindows', 'excludedDriverIds']);

/**
 * What has been changed of a delivery since its driver was given it, in words, each once.
 * @param seen the sequence of the last event that the driver has seen
 */
export function changesSince(events: readonly DeliveryEventView[], seen: number): readonly string[] {
  const given = events.findLast(({ type }) => type === 'ASSIGNED')?.sequence ?? 0;
  const fields = events
    .filter(({ type, sequence }) => type === 'CHANGED' && sequence > Math.max(given, seen))
    .flatMap(({ data }) => (data?.fields ?? []) as readonly string[]);
  return [...new Set(fields.filter((field) => !UNSAID.has(field)).map((field) => WORDS[field] ?? 'when to be there'))];
}

export interface Seen {
  changesOf(delivery: KnownDelivery | undefined): readonly string[];
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
