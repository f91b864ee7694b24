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
  settings: 'Delivery settings',
  save: 'Save',
  pickupPoints: 'Pickup points',
  pickupHelp:
    'Where drivers collect the goods of a stock location: click on the map, drag it to see more, or type the coordinates.',
  map: 'Map of the pickup points',
  stockLocation: 'Stock location',
  latitude: 'Latitude',
  longitude: 'Longitude',
  phone: 'Phone',
  usePosition: 'Use where I am now',
  whereAndWhen: 'Where and when',
  deliveryRadiusM: 'Delivery radius (m)',
  deliveryRadiusMHelp: 'How far from the stock location a customer may live. Empty: as each shipping method says.',
  preparationMinutes: 'Preparation (minutes)',
  preparationMinutesHelp: 'How long the goods need until a driver can collect them. Empty: as the plugin is set up.',
  hours: 'Hours',
  hoursHelp: 'When drivers collect, such as 10-14, 16-20. A day left empty is closed; all empty: always open.',
  windows: 'Windows to choose from',
  windowsHelp:
    'What customers may choose, such as 10-12, 14-16, where the shipping method names none. Empty: as soon as it can be.',
  windowDays: 'Days to choose from',
  windowDaysHelp: 'Today included. Empty: two.',
  windowCapacity: 'Orders for each window',
  windowCapacityHelp: 'When so many have chosen it, it is offered no more. Empty: no limit.',
  howDispatched: 'How drivers get orders',
  mode: 'Orders are',
  modeHelp: 'Given at once, or offered first: to one driver at a time, or to several, and who says yes first has it.',
  assign: 'given at once',
  offer: 'offered to one',
  broadcast: 'offered to several',
  policy: 'Who gets them',
  policyHelp: 'Planned: all that waits and all drivers together. Nearest: at once whoever is nearest and free.',
  planned: 'as planned',
  nearest: 'the nearest',
  bundle: 'Taken together',
  bundleHelp: 'What a driver may have aboard at the same time.',
  none_together: 'one order',
  same_pickup: 'what is collected in one visit',
  any: 'all that fits',
  offerS: 'Time to answer (s)',
  offerSHelp: 'How long a driver has to say yes or no to an offer.',
  offerTo: 'Asked at a time',
  offerToHelp: 'How many drivers, where orders are offered to several.',
  maxRadiusM: 'Drivers within (m)',
  maxRadiusMHelp: 'How far from the pickup a driver may be who is given an order.',
  promiseS: 'Promised within (s)',
  promiseSHelp: 'From the order to the door, where there is no window. After that it is late.',
  customersAreTold: 'Customers are told when it is',
  tellHelp: 'By the public note of the order, and by mails that heed it.',
} as const;
export type TextName = keyof typeof TEXTS;

interface Words {
  /** `values` take the place of what begins with `%`. */
  t(name: TextName, values?: Record<string, string>): string;
  /** A status or code of the service; one that is newer than this package, as it is. */
  code(code: string): string;
  /** The time of day. */
  time(at: string): string;
  weekday(at: Date): string;
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
    weekday: (at) => at.toLocaleDateString(i18n.locale, { weekday: 'long', timeZone: 'UTC' }),
  };
}
