import type { Evidence, Operation } from '../history.ts';
import { keptKey } from '../kept-key.ts';
import type { CHECKS } from './check.ts';
import { DELIVERY, DRIVER, goodOperation, T0 } from './good-history.ts';

export type Check = keyof typeof CHECKS;
type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Writable<Item>[] : T[K] };
export type Bad = Writable<Evidence>;

export const operation = (change: Partial<Operation>) => goodOperation(change) as Writable<Operation>;

/** The `n`th thing of a list, to be spoilt. */
export function at<Item>(items: Item[], n: number): Item {
  const item = items.at(n);
  if (item === undefined) throw new RangeError(`nothing at ${n}`);
  return item;
}

const again = (id: string) =>
  ({ id, version: 2, status: 'ASSIGNED', dispatch: 'settled', driverId: DRIVER, pinned: false }) as const;

const followed = (bad: Bad) => at(bad.follows, 0);
const ROW = { id: DELIVERY, shown: 3, is: 4, fields: ['status'] };

const WRONG_CLOCK = { name: 'worker_clock_hour_ahead', group: 'worker', worker: 0 } as const;
const crowd = (bad: Bad, facts: Record<string, number>) =>
  Object.assign(at(bad.faults, 0), { name: 'crowd', group: 'crowd', facts });

/** Each row: which check must see it, what is wrong, and how it is done to a good history. */
export const BAD: readonly [Check, string, (bad: Bad) => void][] = [
  ['I1', 'a load above the capacity', (bad) => Object.assign(at(bad.driverEvents, 2), { load: 2 })],
  ['I1', 'a version nobody recorded', (bad) => void bad.driverEvents.splice(1, 1)],
  ['I1', 'a driver who carries nothing but counts one', (bad) => Object.assign(at(bad.drivers, 0), { load: 1 })],
  [
    'I1',
    'an assignment on top of another',
    (bad) => void Object.assign(at(bad.deliveryEvents, 2), { type: 'ASSIGNED', status: 'ASSIGNED' }),
  ],
  [
    'I2',
    'two deliveries of one order',
    (bad) => void bad.deliveries.push({ ...at(bad.deliveries, 0), id: 'delivery-2' }),
  ],
  [
    'I2',
    'another delivery told to the second copy',
    (bad) => Object.assign(at(bad.operations, 2), { ids: ['delivery-2'] }),
  ],
  ['I2', 'an accepted order that is not there', (bad) => Object.assign(bad, { deliveries: [] })],
  [
    'I2',
    'two deliveries under one key',
    (bad) => {
      for (const id of ['a', 'b']) bad.deliveries.push({ ...at(bad.deliveries, 0), id, orderRef: null, notes: 'k-9' });
    },
  ],
  ['I3', 'a step that was answered and is not there', (bad) => void bad.deliveryEvents.splice(2, 1)],
  ['I3', 'a driver shown as they never were', (bad) => Object.assign(at(bad.driverEvents, 2), { status: 'AVAILABLE' })],
  [
    'I3',
    'a create answered with nothing',
    (bad) => void bad.operations.push(operation({ kind: 'create', status: 200 })),
  ],
  ['I4', 'a gap in the events', (bad) => Object.assign(at(bad.deliveryEvents, 3), { seq: 5 })],
  [
    'I4',
    'an illegal step',
    (bad) => void Object.assign(at(bad.deliveryEvents, 2), { type: 'RETURNED', status: 'RETURNED' }),
  ],
  ['I4', 'something after the end', (bad) => void bad.deliveryEvents.push({ ...at(bad.deliveryEvents, 2), seq: 5 })],
  ['I4', 'a state that is not the last event', (bad) => Object.assign(at(bad.deliveries, 0), { status: 'FAILED' })],
  [
    'I5',
    'an older version than was known',
    (bad) => void bad.operations.push(operation({ startMs: T0 + 60, endMs: T0 + 70, deliveries: [again(DELIVERY)] })),
  ],
  ['I6', 'an event that never arrived', (bad) => void bad.arrivals.pop()],
  ['I6', 'an event that arrived but was never taken', (bad) => Object.assign(at(bad.arrivals, 4), { accepted: false })],
  ['I6', 'an event that was never put into the outbox', (bad) => void bad.outbox.pop()],
  ['I6', 'a new id for the second try', (bad) => Object.assign(at(bad.arrivals, 3), { webhookId: 'webhook-9' })],
  ['I6', 'another body for the second try', (bad) => Object.assign(at(bad.arrivals, 3), { bodySha: 'other' })],
  ['I6', 'a signature that does not verify', (bad) => Object.assign(at(bad.arrivals, 1), { signatureOk: false })],
  ['I6', 'the second event before the first', (bad) => Object.assign(at(bad.arrivals, 0), { atMs: T0 + 20 })],
  ['I6', 'a redirect that was followed', (bad) => Object.assign(bad, { redirectsFollowed: 1 })],
  [
    'I7',
    'a BUSY driver found for 11 s after the fault',
    (bad) => Object.assign(at(bad.mismatches, 0), { untilMs: T0 + 121_001 }),
  ],
  [
    'I7',
    'a driver missing for 11 s without any fault',
    (bad) =>
      void bad.mismatches.push({
        driverId: DRIVER,
        version: 2,
        what: 'missing',
        sinceMs: T0,
        untilMs: T0 + 11_000,
        mended: true,
      }),
  ],
  ['I8', 'a driver chosen while OFFLINE', (bad) => Object.assign(at(bad.driverEvents, 1), { type: 'DUTY_OFFLINE' })],
  ['I8', 'a driver chosen while full', (bad) => Object.assign(at(bad.driverEvents, 1), { load: 1 })],
  ['I8', 'a driver of another shop', (bad) => Object.assign(at(bad.drivers, 0), { shop: 'south' })],
  [
    'I8',
    'a driver who had been silent for minutes',
    (bad) => {
      for (const each of bad.operations.filter((one) => one.target === DRIVER))
        Object.assign(each, { startMs: T0 - 200_000, endMs: T0 - 199_000 });
    },
  ],
  ['I9', 'a result under a refused key', (bad) => void bad.keys.push(keptKey('operator', 'k-3'))],
  [
    'I9',
    'a delivery of a refused order',
    (bad) => void bad.deliveries.push({ ...at(bad.deliveries, 0), id: 'x', orderRef: 'ORDER-2' }),
  ],
  ['I10', 'another answer to the same key', (bad) => Object.assign(at(bad.operations, 2), { bodySha: 'other' })],
  [
    'I12',
    "an answer to a probe of another's delivery",
    (bad) => Object.assign(at(bad.operations, 6), { outcome: 'ok' }),
  ],
  [
    'I12',
    "another shop's driver in a search",
    (bad) => void bad.operations.push(operation({ kind: 'nearest', shop: 'south', ids: [DRIVER] })),
  ],
  [
    'I12',
    "another shop's key on a delivery",
    (bad) => Object.assign(at(bad.deliveryEvents, 2), { actor: 'shop:key-2' }),
  ],
  [
    'I13',
    'a process that ended by itself',
    (bad) => Object.assign(bad, { processes: { ...bad.processes, exits: ['worker 0: exit 1'] } }),
  ],
  [
    'I13',
    'an uncaught error',
    (bad) => Object.assign(bad, { processes: { ...bad.processes, failures: ['worker 0: Error'] } }),
  ],
  ['I13', 'memory without bounds', (bad) => Object.assign(bad, { processes: { ...bad.processes, maxRssMiB: 900 } })],
  [
    'I14',
    'a secret in a log',
    (bad) => Object.assign(bad, { processes: { ...bad.processes, leaks: ['worker 0: …'] } }),
  ],
  ['P1', 'a request that hangs', (bad) => Object.assign(at(bad.operations, 3), { endMs: T0 + 9_000 })],
  [
    'P1',
    'a 503 that does not say when',
    (bad) => void bad.operations.push(operation({ outcome: 'unknown', status: 503 })),
  ],
  [
    'P2',
    'a 503 for want of Redis',
    (bad) => {
      const times = { startMs: T0 + 101_000, endMs: T0 + 101_010 };
      bad.operations.push(operation({ ...times, outcome: 'unknown', status: 503, retryAfter: true }));
    },
  ],
  [
    'P3',
    'slow answers while Redis hangs',
    (bad) => void bad.operations.push(operation({ startMs: T0 + 101_000, endMs: T0 + 101_900 })),
  ],
  [
    'P4',
    'refusals 11 s after Redis is back',
    (bad) =>
      void bad.operations.push(
        operation({ startMs: T0 + 121_000, endMs: T0 + 121_500, outcome: 'unknown', status: null }),
      ),
  ],
  [
    'P5',
    'an event that waited for another shop\u2019s endpoint',
    (bad) => {
      bad.faults = [
        {
          name: 'receiver_silent',
          group: 'receiver',
          worker: null,
          shop: 'south',
          startMs: T0 - 9_000,
          endMs: T0 + 90_000,
        },
      ];
      Object.assign(at(bad.arrivals, 0), { atMs: T0 + 6_000 });
    },
  ],
  [
    'P6',
    'a signed webhook taken by a worker whose clock is wrong',
    (bad) => Object.assign(at(bad.faults, 0), { ...WRONG_CLOCK, startMs: T0 - 1 }),
  ],
  [
    'P6',
    'a key refused by a worker whose clock is wrong',
    (bad) => {
      Object.assign(at(bad.faults, 0), WRONG_CLOCK);
      bad.operations.push(
        operation({ kind: 'duty', startMs: T0 + 105_000, endMs: T0 + 105_010, outcome: 'fail', status: 401 }),
      );
    },
  ],
  ['P7', 'an order that found none of the drivers', (bad) => crowd(bad, { orders: 9, assigned: 8 })],
  [
    'P7',
    'an order that was assigned too late',
    (bad) => crowd(bad, { orders: 9, assigned: 9, lastAssignedMs: 10_001 }),
  ],
  ['P7', 'two orders for one driver', (bad) => crowd(bad, { winners: 2 })],
  ['P7', 'a service that does less the more is asked', (bad) => crowd(bad, { servedPerS: 100, overloadedPerS: 79 })],
  [
    'P10',
    'an honest caller who is told to ask less',
    (bad) => void bad.operations.push(operation({ kind: 'duty', outcome: 'fail', status: 429 })),
  ],
  [
    'P10',
    'honest requests that are refused beside a hostile caller',
    (bad) => {
      const { startMs, endMs } = Object.assign(at(bad.faults, 0), { name: 'caller_streams', group: 'caller' });
      bad.faults.length = 1;
      const during = { startMs, endMs: Math.min(startMs + 10, endMs) };
      bad.operations.push(operation({ kind: 'duty', outcome: 'unknown', status: 503, ...during }));
    },
  ],
  [
    'I16',
    'a driver who is left out and given it',
    (bad) => Object.assign(at(bad.deliveries, 0), { excluded: [DRIVER] }),
  ],
  ['I17', 'a follower who heard nothing', (bad) => Object.assign(followed(bad), { rows: 0 })],
  ['I17', 'a follower who shows what is not true', (bad) => void followed(bad).wrong.push({ ...ROW })],
  ['I17', 'a row that changed without a version', (bad) => void followed(bad).untold.push({ ...ROW, is: 3 })],
  ['I17', 'the same row again and again', (bad) => Object.assign(followed(bad), { rows: 100, repeats: 9 })],
  ['I17', 'the whole board for a good cursor', (bad) => void followed(bad).needless.push(T0 + 300_000)],
  [
    'I23',
    'a step nobody asked for',
    (bad) => Object.assign(bad, { operations: bad.operations.filter(({ kind }) => kind !== 'move') }),
  ],
  [
    'I23',
    'a step that was refused',
    (bad) => {
      for (const each of bad.operations) if (each.kind === 'move') each.outcome = 'fail';
    },
  ],
  [
    'I25',
    'a hand-over by a driver who says no name',
    (bad) => Object.assign(at(bad.deliveryEvents, -1), { data: null }),
  ],
  ['I23', 'what the relay does not do', (bad) => Object.assign(at(bad.deliveryEvents, -1), { actor: 'relay' })],
];
