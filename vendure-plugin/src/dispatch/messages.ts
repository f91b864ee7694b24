import { createHash } from 'node:crypto';
import type { OrderAddress } from '@vendure/common/lib/generated-types';
import type { Position } from './geo';

/** What the shop tells the service. Frozen when it happens: one that were made when it is sent would tell a later state. */
export type DispatchMessage =
  | RequestMessage
  | ({ type: 'delivery.updated'; sellerOrderId: string } & Change)
  | { type: 'delivery.cancelled'; sellerOrderId: string; note?: string };

export type RequestMessage = {
  type: 'delivery.requested';
  sellerOrderId: string;
  channelId?: string;
  pickup?: Stop;
} & Changeable;

/** As a change of what the service has, where what is left out would stay as it was. */
export interface Change {
  /** Without cash nothing is to be paid at the door any more. */
  dropoff: Omit<Stop, 'cash'> & { notes: string; cash: Cash | null };
  notes: string;
}
/** Replaces what the driver was told: the service takes no notes away. */
const NO_NOTES = 'No notes.';

/** What may be otherwise until the pickup. */
export interface Changeable {
  dropoff: Stop;
  /** What is in the parcel. */
  notes?: string;
}

/** In the smallest unit of the currency: 730 EUR are 7.30 euros. */
export interface Cash {
  amount: number;
  currency: string;
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
  /** What the driver is paid at the door. */
  cash?: Cash;
}

/** What the order says of who receives it, and when, where the address does not. */
export interface Person {
  name?: string;
  phone?: string;
  cash?: Cash | undefined;
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
    // Also in words: a service of before knows no `cash`, takes the message all the same, and its driver must know of it.
    notes: [person.cash && `Collect ${moneyText(person.cash)} at the door.`, notes]
      .map(clean)
      .filter(Boolean)
      .join(' '),
    after: person.after,
    before: person.before,
    cash: person.cash,
  });
}

/** What is so now: what the driver was told before, and is not so any more, is taken back. */
export function changeTo({ dropoff, notes = '' }: Changeable): Change {
  const { notes: doorNotes = NO_NOTES, cash = null } = dropoff;
  return { dropoff: { ...dropoff, notes: doorNotes, cash }, notes };
}

/**
 * @param amount as Vendure keeps it, with `precision` decimal places whatever the currency is
 * @returns in the smallest unit of the currency; undefined: nothing is to be paid, or it is no currency of ISO 4217
 */
export function cashOf(amount: number, precision: number, currency: string): Cash | undefined {
  if (amount <= 0 || !/^[A-Z]{3}$/.test(currency)) return undefined;
  return { amount: Math.round(amount * 10 ** (digitsOf(currency) - precision)), currency };
}

function moneyText({ amount, currency }: Cash): string {
  const digits = digitsOf(currency);
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`;
}

function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** A stop within the limits of the contract: short texts, none empty, no control characters. */
export function stop(given: { [Key in keyof Stop]?: Stop[Key] | null }): Stop {
  const { lat, lon, cash } = given;
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
  return {
    ...(typeof lat === 'number' && typeof lon === 'number' && { lat, lon }),
    ...Object.fromEntries(texts),
    ...(cash && { cash }),
  };
}

/**
 * Without the country and the cash: both stand in the texts too, and orders that were sent before they were are not sent
 * again for them.
 */
export function hashOf({ dropoff: { countryCode: _country, cash: _cash, ...dropoff }, notes }: Changeable): string {
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
