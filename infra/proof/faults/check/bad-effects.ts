import type { DeliveryEventFact } from '../facts.ts';
import type { ShownDelivery } from '../history.ts';
import { at, type Bad, type Check, operation } from './bad-histories.ts';
import { DELIVERY, DRIVER, SHOP, T0 } from './good-history.ts';

/* What was acknowledged and did not come about, or came about twice. */

const shown = (change: Partial<ShownDelivery> = {}): ShownDelivery => ({
  id: DELIVERY,
  version: 4,
  status: 'DELIVERED',
  dispatch: 'settled',
  driverId: DRIVER,
  pinned: false,
  ...change,
});
const late = { startMs: T0 + 60, endMs: T0 + 70 };
const acknowledge = (bad: Bad, change: Parameters<typeof operation>[0]) =>
  void bad.operations.push(operation({ target: DELIVERY, key: 'k-9', ...late, ...change }));
/** What happened to the delivery after its end. */
const happen = (bad: Bad, ...types: readonly string[]) => {
  for (const type of types) {
    const seq = bad.deliveryEvents.length + 1;
    const event: DeliveryEventFact = {
      ...at(bad.deliveryEvents, -1),
      seq,
      type,
      actor: 'customer',
      driverVersion: null,
      recordedMs: T0 + 60,
    };
    bad.deliveryEvents.push(event);
  }
};
const refusing = (helpedMs: number | null) => ({ shop: SHOP, fromMs: T0, untilMs: T0 + 6, helpedMs });

/** The good history, in which the first event was refused once and came again; `helpedMs`: who made it due, and when. */
export function comesAgain(bad: Bad, helpedMs: number | null): void {
  bad.arrivals.push({ ...at(bad.arrivals, 0), atMs: T0 + 5.5 });
  Object.assign(at(bad.arrivals, 0), { accepted: false });
  bad.refusing = refusing(helpedMs);
}

/** As BAD, with the words that say what is wrong. */
export const BAD_EFFECTS: readonly [Check, string, (bad: Bad) => void][] = [
  [
    'I3',
    'move was acknowledged, and the answer shows something else',
    (bad) => Object.assign(at(bad.operations, 3), { wanted: { status: 'FAILED' } }),
  ],
  ['I3', 'and nothing of it is stored', (bad) => Object.assign(at(bad.deliveryEvents, 3), { type: 'UPDATED' })],
  [
    'I3',
    'order was acknowledged, and ignored',
    (bad) => Object.assign(at(bad.operations, 1), { ids: [], said: 'IGNORED' }),
  ],
  [
    'I3',
    'and the order is not cancelled',
    (bad) => acknowledge(bad, { kind: 'cancel_order', orderRef: 'ORDER-1', ids: [DELIVERY], said: 'CANCELLED' }),
  ],
  [
    'I3',
    'cancel_order was acknowledged, and ignored',
    (bad) => acknowledge(bad, { kind: 'cancel_order', orderRef: 'ORDER-1', said: 'IGNORED' }),
  ],
  ['I3', 'cancel was acknowledged', (bad) => acknowledge(bad, { kind: 'cancel', deliveries: [shown()] })],
  ['I3', 'unassign was acknowledged', (bad) => acknowledge(bad, { kind: 'unassign', deliveries: [shown()] })],
  [
    'I3',
    'hold was acknowledged',
    (bad) => acknowledge(bad, { kind: 'hold', deliveries: [shown({ dispatch: 'paused' })] }),
  ],
  [
    'I3',
    'release was acknowledged',
    (bad) => acknowledge(bad, { kind: 'release', deliveries: [shown({ dispatch: 'paused' })] }),
  ],
  [
    'I3',
    'assign_named was acknowledged',
    (bad) => acknowledge(bad, { kind: 'assign_named', deliveries: [shown()], wanted: { driverId: 'driver-2' } }),
  ],
  ['I3', 'redeliver was acknowledged', (bad) => acknowledge(bad, { kind: 'redeliver', deliveries: [shown()] })],
  ['I3', 'and no rating is stored', (bad) => acknowledge(bad, { kind: 'rate' })],
  [
    'I3',
    'and no change is stored',
    (bad) => acknowledge(bad, { kind: 'change', wanted: { fields: { doorNotes: '"7"' } } }),
  ],
  [
    'I3',
    'and nothing has changed',
    (bad) => acknowledge(bad, { kind: 'change', deliveries: [shown()], wanted: { fields: { priority: '1' } } }),
  ],
  [
    'I3',
    'a change of the priority was acknowledged, and is not stored',
    (bad) => {
      Object.assign(at(bad.deliveries, 0), { orderRef: null });
      acknowledge(bad, { kind: 'change', deliveries: [shown()], wanted: { fields: { priority: '1' } } });
    },
  ],
  [
    'I3',
    'and they are DUTY_AVAILABLE',
    (bad) => Object.assign(at(bad.operations, 4), { wanted: { status: 'OFFLINE' } }),
  ],
  ['I3', 'and they are in service', (bad) => acknowledge(bad, { kind: 'retire', target: DRIVER })],
  [
    'I3',
    'change_driver was acknowledged, and nothing has changed',
    (bad) =>
      acknowledge(bad, {
        kind: 'change_driver',
        target: DRIVER,
        drivers: [{ id: DRIVER, version: 4, status: 'AVAILABLE', load: 0 }],
        wanted: { fields: { capacity: '2' } },
      }),
  ],
  [
    'I3',
    'and other tags are stored',
    (bad) => {
      Object.assign(at(bad.driverEvents, 3), { type: 'CHANGED' });
      acknowledge(bad, {
        kind: 'change_driver',
        target: DRIVER,
        drivers: [{ id: DRIVER, version: 4, status: 'AVAILABLE', load: 0, tags: ['cold'] }],
        wanted: { fields: { tags: '["cold"]' } },
      });
    },
  ],
  [
    'I6',
    'an endpoint that takes what it is sent was given up',
    (bad) => Object.assign(at(bad.shops, 0), { isDisabled: true }),
  ],
  [
    'I6',
    'an endpoint that said 410 was not given up',
    (bad) => {
      Object.assign(at(bad.shops, 1), { isDisabled: false });
      bad.arrivals.push({ ...at(bad.arrivals, 0), deliveryId: 'x', shop: 'south', accepted: false });
    },
  ],
  ['I6', 'the outbox was not empty in the end', (bad) => Object.assign(bad.unsent, { events: 1, isStuck: true })],
  ['I6', 'a refused event was not sent again by itself', (bad) => comesAgain(bad, T0 + 5.2)],
  ['I12', "a shop changed another's driver", (bad) => Object.assign(at(bad.driverEvents, 1), { actor: 'shop:key-2' })],
  ['I12', 'where only a stranger has seen them', (bad) => Object.assign(bad.positions, { trespassed: [DRIVER] })],
  [
    'I23',
    'RATED without a cause',
    (bad) => {
      acknowledge(bad, { kind: 'rate' });
      happen(bad, 'RATED', 'RATED');
    },
  ],
  ['I23', 'PICKED_UP without a cause', (bad) => Object.assign(at(bad.operations, 3), { wanted: { status: 'FAILED' } })],
  [
    'P2',
    '4 requests dropped outside of faults',
    (bad) => {
      const dropped = { outcome: 'unknown', status: null, startMs: T0 + 50_000, endMs: T0 + 50_010 } as const;
      bad.operations.push(...[1, 2, 3, 4].map(() => operation(dropped)));
    },
  ],
  [
    'P2',
    '1 requests refused while redis_hung',
    (bad) => {
      const dropped = { outcome: 'unknown', status: null, startMs: T0 + 105_000, endMs: T0 + 105_010 } as const;
      bad.operations.push(operation(dropped));
    },
  ],
];
