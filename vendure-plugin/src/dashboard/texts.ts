import { useLingui } from '@lingui/react';

/**
 * Every text of our blocks and pages, in English. The catalogues in `i18n/` have them under `driver-dispatch.<name>`: the
 * English one too, since the dashboard's build falls back on it.
 */
export const TEXTS = {
  needAttention: 'Driver deliveries need attention',
  title: 'Driver delivery',
  none: 'No driver delivery',
  expectedAt: 'Expected at %time',
  deliveredAt: 'Delivered at %time',
  receivedBy: 'Received by %name',
  photo: 'What the driver photographed',
  trackingPage: 'Tracking page',
  reassign: 'Reassign',
  retry: 'Retry',
  returned: 'Returned',
  deliveries: 'Deliveries',
  drivers: 'Drivers',
  order: 'Order',
  status: 'Status',
  driver: 'Driver',
  address: 'Address',
  time: 'Time',
  noDeliveries: 'No deliveries today',
  noDrivers: 'No drivers: make them in the console of the dispatch service',
  onDuty: 'On duty',
  today: 'Delivered today',
  failedToday: 'Failed today',
  underWay: 'Under way',
  REQUESTED: 'requested',
  PENDING: 'waiting',
  ASSIGNED: 'assigned',
  PICKED_UP: 'picked up',
  IN_TRANSIT: 'in transit',
  DELIVERED: 'delivered',
  FAILED: 'failed',
  RETURNED: 'returned',
  CANCELLED: 'cancelled',
  AVAILABLE: 'free',
  BUSY: 'busy',
  OFFLINE: 'off duty',
  needs_location: 'needs coordinates',
  exhausted: 'no driver in range',
  DRIVER_REJECTED: 'the driver gave it back',
  DRIVER_OFFLINE: 'the driver was not heard of',
  PICKUP_FAILED: 'the pickup failed',
  DELIVERY_FAILED: 'the delivery failed',
  TIMEOUT: 'it took too long',
  MANUAL_CANCEL: 'called off by hand',
  RECIPIENT_UNAVAILABLE: 'recipient unavailable',
  REFUSED: 'refused',
  BAD_ADDRESS: 'bad address',
  DAMAGED: 'damaged',
  UNSAFE: 'unsafe',
} as const;
export type TextName = keyof typeof TEXTS;

interface Words {
  /** `values` take the place of what begins with `%`. */
  t(name: TextName, values?: Record<string, string>): string;
  /** A status or code of the service; one that is newer than this package, as it is. */
  code(code: string): string;
  /** The time of day. */
  time(at: string): string;
}

interface Catalogue {
  _(descriptor: { id: string; message: string }): string;
}
type Values = Record<string, string>;

/** A text of the catalogue; where it has none, `english`. */
export function translated(i18n: Catalogue, name: string, english: string, values: Values = {}): string {
  return Object.entries(values).reduce(
    (text, [key, value]) => text.replace(`%${key}`, () => value),
    // Not Lingui's own placeholders: a text that is not in its catalogue is not compiled, and would keep its braces.
    i18n._({ id: `driver-dispatch.${name}`, message: english }),
  );
}

/** One of our own texts. */
export function inWords(i18n: Catalogue, name: TextName, values?: Values): string {
  return translated(i18n, name, TEXTS[name], values);
}

/** By Lingui, as the dashboard itself is translated; but without its macros, which a package cannot count on. */
export function useWords(): Words {
  const { i18n } = useLingui();
  const t = (name: TextName, values?: Values) => inWords(i18n, name, values);
  return {
    t,
    code: (code) => (Object.hasOwn(TEXTS, code) ? t(code as TextName) : code.replaceAll('_', ' ').toLowerCase()),
    time: (at) => new Date(at).toLocaleTimeString(i18n.locale, { hour: '2-digit', minute: '2-digit' }),
  };
}
