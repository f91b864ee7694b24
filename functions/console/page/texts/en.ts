import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';
import type { RefusalWords } from '#shared/pages/refusal-text.ts';
import { deliveriesEn } from './deliveries/en.ts';
import { shopEn } from './shop/en.ts';

/** What the console says. Its shape is the shape of every language: a text that one lacks does not compile. */
export const en = {
  oneMoment: 'One moment …',
  /** Why something did not work. The service's own words are English. */
  faults: { noConnection: 'No connection. Try again.', problems: {}, because: (detail) => detail } as RefusalWords,
  noAddress: 'No address',
  nobody: 'nobody',
  aDriver: 'a driver',
  order: (name: string) => `Order ${name}`,
  showMoreOf: (count: number) => `Show more of ${count}`,
  language: 'Language',
  logOut: 'Log out',
  sessionEnded: 'Your session has ended',
  sections: 'Sections',
  tabs: { deliveries: 'Deliveries', drivers: 'Drivers', today: 'Today', webhooks: 'Webhooks', keys: 'Keys' },
  stops: { pickup: 'pickup', dropoff: 'dropoff' },
  /** Of deliveries and drivers; what is not here is shown as the service names it. */
  statuses: {
    PENDING: 'Waiting',
    ASSIGNED: 'Assigned',
    PICKED_UP: 'Picked up',
    IN_TRANSIT: 'On the way',
    DELIVERED: 'Delivered',
    FAILED: 'Failed',
    RETURNED: 'Returned',
    CANCELLED: 'Cancelled',
    AVAILABLE: 'Available',
    BUSY: 'Busy',
    OFFLINE: 'Offline',
  } satisfies Record<DeliveryStatus | DriverStatus, string>,
  /** What happened, why, and with what, as the service names it (in lower case). What is not here is shown as it is written. */
  codes: {} as Readonly<Record<string, string>>,
  /** Parts of what a decision costs, and the minus before what one saves. */
  parts: { waiting: 'waiting', late: 'late', driving: 'driving', other: 'other' } as Readonly<Record<string, string>>,
  login: {
    title: 'Dispatch console',
    key: 'Key of the shop',
    enter: 'Log in',
    hint: 'The key is exchanged for a session that ends after twelve hours; it is not kept in the browser.',
  },
  link: {
    connecting: { text: 'Connecting', title: 'Asking for the present state' },
    streaming: { text: 'Live', title: 'Changes arrive as they happen' },
    polling: { text: 'Every 3 s', title: 'This host cannot stream: the page asks for changes every three seconds' },
    away: { text: 'No connection', title: 'What you see may be old; trying again' },
    signed_out: { text: 'Logged out', title: 'The session has ended' },
  },
  map: {
    title: 'Map of drivers and deliveries',
    showAll: 'Show all',
    legend: 'Legend',
    available: 'Available',
    busy: 'Busy',
    waiting: 'Waiting',
    moving: 'With a driver',
    clickPickup: (order: string) =>
      `Order ${order}: click where its pickup is, or press Enter for the middle of the map.`,
    clickDropoff: (order: string) =>
      `Order ${order}: click where its dropoff is, or press Enter for the middle of the map.`,
    stop: 'Stop',
    pickupIsThere: (order: string) => `The pickup of order ${order} is there.`,
    dropoffIsThere: (order: string) => `The dropoff of order ${order} is there.`,
    undo: 'Undo',
  },
  place: {
    wherePickup: 'Where is the pickup?',
    whereDropoff: 'Where is the dropoff?',
    movePickup: 'Move the pickup',
    moveDropoff: 'Move the dropoff',
    setPickupOnMap: 'Set pickup on the map',
    setDropoffOnMap: 'Set dropoff on the map',
    latitude: 'Latitude',
    longitude: 'Longitude',
    set: 'Set',
  },
  ...deliveriesEn,
  ...shopEn,
  /** How a change went. */
  done: {
    noDriverYet: (order: string, why: string) => `Order ${order} has no driver yet. ${why}`,
    isWith: (order: string, driver: string) => `Order ${order} is with ${driver}`,
    waitsAgain: (order: string) => `Order ${order} waits again`,
    cancelled: (order: string) => `Order ${order} is cancelled`,
    triedAgain: (order: string, driver: string | null) =>
      `Order ${order} is tried again${driver === null ? '' : ` by ${driver}`}`,
    closed: (order: string) => `Order ${order} is closed: its parcel is at the pickup point`,
    held: (order: string) => `Order ${order} is held`,
    plannedAgain: (order: string) => `Order ${order} is planned again`,
    withoutPincode: (order: string) => `Order ${order} is handed over without PIN`,
    otherProof: (order: string) => `At the door of ${order} something else is asked.`,
    anotherPincode: (order: string) => `Order ${order} has another PIN code`,
    routeFixed: (driver: string) => `The route of ${driver} is fixed in this order`,
    pickupSet: (order: string) => `The pickup of order ${order} is set`,
    dropoffSet: (order: string) => `The dropoff of order ${order} is set`,
    is: (driver: string, status: string) => `${driver} is ${status.toLowerCase()}`,
    willBe: (driver: string, status: string) => `${driver} will be ${status.toLowerCase()} when nothing is in hand`,
  },
  /** The latest change, for those who listen instead of look. */
  said: (order: string, status: string, driver: string | null, others: number) =>
    `Order ${order}: ${status.toLowerCase()}${driver === null ? '' : ` to ${driver}`}${others === 0 ? '' : `, and ${others} more changes`}`,
};

export type ConsoleTexts = typeof en;
