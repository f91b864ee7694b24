import { createHash } from 'node:crypto';
import type { OrderAddress } from '@vendure/common/lib/generated-types';
import type { Position } from './geo';

/** What the shop tells the service. Frozen when it happens: one that were made when it is sent would tell a later state. */
export type DispatchMessage =
  | ({
      type: 'delivery.requested';
      sellerOrderId: string;
      channelId?: string;
      pickup?: Stop;
    } & Changeable)
  | ({ type: 'delivery.updated'; sellerOrderId: string } & Changeable)
  | { type: 'delivery.cancelled'; sellerOrderId: string; note?: string };

/** What may be otherwise until the pickup. */
export interface Changeable {
  dropoff: Stop;
  /** What is in the parcel. */
  notes?: string;
}

export interface Stop {
  lat?: number;
  lon?: number;
  address?: string;
  /** Of the address: the service reads the number as one of there. */
  countryCode?: string;
  name?: string;
  phone?: string;
  notes?: string;
  stockLocationId?: string;
  readyAt?: string;
  /** The window: ISO 8601. */
  after?: string;
  before?: string;
}

/** What the order says of who receives it, and when, where the address does not. */
export interface Person {
  name?: string;
  phone?: string;
  /** What is to be paid at the door, in words: the service has no field for it. */
  collect?: string;
  after?: string | undefined;
  before?: string | undefined;
}

/** Where the parcel goes. What is missing is left out: an address without coordinates is a normal case. */
export function dropoffOf(address: OrderAddress, at: Position | undefined, person: Person = {}): Stop {
  const street = [address.company, address.streetLine1, address.streetLine2].map(clean).filter(Boolean).join(', ');
  const town = [address.postalCode, address.city].map(clean).filter(Boolean).join(' ');
  const line = [street, town, clean(address.province), clean(address.country ?? address.countryCode)]
    .filter(Boolean)
    .join(', ');
  const notes = (address.customFields as { deliveryNotes?: unknown } | null | undefined)?.deliveryNotes;
  return stop({
    ...at,
    address: line,
    countryCode: /^[A-Z]{2}$/.test(address.countryCode ?? '') ? address.countryCode : undefined,
    name: clean(address.fullName) || person.name,
    phone: clean(address.phoneNumber) || person.phone,
    notes: [person.collect, notes].map(clean).filter(Boolean).join(' '),
    after: person.after,
    before: person.before,
  });
}

/** A stop within the limits of the contract: short texts, none empty, no control characters. */
export function stop(given: { [Key in keyof Stop]?: Stop[Key] | null }): Stop {
  const { lat, lon } = given;
  const limits = {
    address: 300,
    countryCode: 2,
    name: 100,
    phone: 40,
    notes: 400,
    stockLocationId: 100,
    readyAt: 30,
    after: 30,
    before: 30,
  } as const;
  const texts = Object.entries(limits).flatMap(([name, max]) => {
    const value = shortText(given[name as keyof typeof limits], max);
    return value === '' ? [] : [[name, value] as const];
  });
  return { ...(typeof lat === 'number' && typeof lon === 'number' && { lat, lon }), ...Object.fromEntries(texts) };
}

/** Without the country: it stands in the address too, and orders that were sent before it was are not sent again for it. */
export function hashOf({ dropoff: { countryCode: _, ...dropoff }, notes }: Changeable): string {
  return createHash('sha256')
    .update(JSON.stringify([Object.entries(dropoff).sort(), notes]))
    .digest('hex')
    .slice(0, 32);
}

export function shortText(text: unknown, max: number): string {
  // Cleaned once more: the cut may have halved an emoji, which cannot be stored.
  return clean(clean(text).slice(0, max));
}

function clean(text: unknown): string {
  return typeof text === 'string' ? text.replace(/(?:[^\P{Cc}\u0080-\u009f]|\p{Cs})+/gu, ' ').trim() : '';
}
