import { at, type Bad, type Check, operation } from './bad-histories.ts';
import { T0 } from './good-history.ts';
import { ROUTED } from './good-routes.ts';

/** The driver's step to a version. */
function step(bad: Bad, version: number) {
  const found = bad.driverEvents.find((event) => event.driverId === ROUTED && event.version === version);
  if (found === undefined) throw new RangeError(`no version ${version}`);
  return found;
}
function event(bad: Bad, deliveryId: string, seq: number) {
  const found = bad.deliveryEvents.find((each) => each.deliveryId === deliveryId && each.seq === seq);
  if (found === undefined) throw new RangeError(`no event ${seq} of ${deliveryId}`);
  return found;
}
function delivery(bad: Bad, id: string) {
  const found = bad.deliveries.find((each) => each.id === id);
  if (found === undefined) throw new RangeError(`no delivery ${id}`);
  return found;
}
const arrange = (bad: Bad, version: number, ...route: [string, 'pickup' | 'dropoff' | 'return'][]) =>
  Object.assign(step(bad, version), { route });
const shownRoute = (bad: Bad) =>
  at(
    bad.operations.flatMap((each) => each.routes),
    0,
  );
/** What an answer showed of the driver. */
const shown = (bad: Bad) =>
  at(
    bad.operations.flatMap((each) => each.drivers).filter(({ id }) => id === ROUTED),
    0,
  );
const wait = (what: 'unmarked' | 'overdue' | 'beside_idle') => (bad: Bad) =>
  void bad.waits.push({ deliveryId: 'd4', what, sinceMs: T0, untilMs: T0 + 13_000, mended: true });

/**
 * What is new with routes. Each row: which check must see it, in which words, and how it is done to the good history; no
 * other rule may see anything.
 */
export const BAD_ROUTES: readonly [Check, string, (bad: Bad) => void][] = [
  ['I8', 'a chosen driver was without a tag that is required', (bad) => Object.assign(shown(bad), { tags: [] })],
  [
    'I15',
    'a route was arranged, and nobody knows how',
    (bad) => {
      Object.assign(step(bad, 5), { route: null });
      at(bad.operations, -1).routes = [];
    },
  ],
  ['I15', 'the same stop twice', (bad) => arrange(bad, 3, ['d2', 'pickup'], ['d2', 'pickup'], ['d2', 'dropoff'])],
  ['I15', 'a hand-over before its pickup', (bad) => arrange(bad, 3, ['d2', 'dropoff'], ['d2', 'pickup'])],
  ['I15', 'a load of 2, and parcels of 3', (bad) => Object.assign(step(bad, 4), { load: 2 })],
  [
    'I15',
    'a stop of what is not theirs',
    (bad) =>
      arrange(bad, 8, ['d3', 'pickup'], ['d3', 'dropoff'], ['d2', 'return'], ['d4', 'pickup'], ['d4', 'dropoff']),
  ],
  [
    'I15',
    'a parcel without a last stop',
    (bad) => arrange(bad, 8, ['d3', 'pickup'], ['d3', 'dropoff'], ['d4', 'pickup']),
  ],
  [
    'I15',
    'a return that is none',
    (bad) => arrange(bad, 8, ['d3', 'pickup'], ['d3', 'return'], ['d4', 'pickup'], ['d4', 'dropoff']),
  ],
  [
    'I15',
    'a pickup that was made long since',
    (bad) => {
      const recordedMs = T0 + 40_000;
      bad.driverEvents.push({ ...step(bad, 11), version: 12, type: 'ROUTE', actor: 'dispatch', recordedMs });
      arrange(bad, 12, ['d5', 'pickup'], ['d5', 'dropoff']);
      Object.assign(at(bad.drivers, -1), { version: 12 });
    },
  ],
  ['I15', 'a pickup that nobody made is gone', (bad) => arrange(bad, 9, ['d3', 'dropoff'])],
  [
    'I15',
    "a plan has undone a person's order of stops",
    (bad) => arrange(bad, 8, ['d4', 'pickup'], ['d4', 'dropoff'], ['d3', 'pickup'], ['d3', 'dropoff']),
  ],
  ['I15', 'an answer shows another route than there was', (bad) => void shownRoute(bad).stops.reverse()],
  [
    'I15',
    'a stop is shown as fixed by a person, and none has fixed it',
    (bad) => Object.assign(step(bad, 5), { actor: `driver:${ROUTED}` }),
  ],
  [
    'I15',
    'the stops are not in the order of the last version',
    (bad) => Object.assign(delivery(bad, 'd5'), { pickupRank: 3 }),
  ],
  [
    'I15',
    'a plan has taken away what a person pinned',
    (bad) => {
      const pinned = at(at(bad.operations, -2).deliveries, 0);
      bad.operations.push(
        operation({ kind: 'read_delivery', shop: 'south', deliveries: [{ ...pinned, id: 'd4', version: 3 }] }),
      );
    },
  ],
  [
    'I15',
    'a parcel aboard has changed its driver',
    (bad) => Object.assign(event(bad, 'd2', 4), { driverId: 'driver-1' }),
  ],
  [
    'I15',
    'a plan has given away what a person holds',
    (bad) => Object.assign(event(bad, 'd4', 2), { data: { state: 'paused', reason: 'by_hand', until: null } }),
  ],
  ['I16', 'a delivery that nobody will look at', wait('unmarked')],
  ['I16', 'a delivery was overdue for 13 s', wait('overdue')],
  ['I16', 'a delivery was beside_idle for 13 s', wait('beside_idle')],
  [
    'I16',
    'held (may_join_a_trip) for 14 s longer than it may be',
    (bad) => Object.assign(at(bad.shops, 1), { maxHeldS: 3 }),
  ],
  [
    'I16',
    'scheduled (scheduled) for 15 s longer than it may be',
    (bad) => Object.assign(bad, { collectedMs: T0 + 210_000 }),
  ],
  ['I20', 'told after the end of the shift', (bad) => Object.assign(shown(bad), { shiftEndsMs: T0 + 18_000 })],
  [
    'I20',
    'told of a hand-over after the end of the shift',
    (bad) => Object.assign(shown(bad), { shiftEndsMs: T0 + 700_000 }),
  ],
];
