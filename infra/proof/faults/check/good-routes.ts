import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import type { StopKind } from '#shared/planning/question.ts';
import type { DeliveryEventFact, DeliveryFact, DriverEventFact } from '../facts.ts';
import type { Evidence, Kind } from '../history.ts';
import { goodHistory, goodOperation, T0 } from './good-history.ts';

/*
 * The small history, and beside it a driver of another shop with room for three, whose stops are planned, put in order by
 * a person, and made. Each step is a second after the one before. To them `d2` failed and was brought back, `d3` was given
 * and pinned by a person and cancelled, and `d4` was held, given and taken back by plans, and is scheduled in the end.
 */

export const ROUTED = 'driver-2';
const SHOP = 'south';
const PERSON = 'shop:key-2';
const PLAN = 'dispatch';
const at = (second: number) => T0 + second * 1_000;
const iso = (second: number) => new Date(at(second)).toISOString();

type Route = readonly (readonly [string, StopKind])[];

function step(version: number, type: string, load: number, more: Partial<DriverEventFact> = {}): DriverEventFact {
  return {
    driverId: ROUTED,
    version,
    type,
    status: version === 1 ? 'OFFLINE' : load === 3 ? 'BUSY' : 'AVAILABLE',
    load,
    capacity: 3,
    deliveryId: null,
    actor: PERSON,
    route: null,
    recordedMs: at(version),
    ...more,
  };
}
const planned = (route: Route) => ({ actor: PLAN, route });

const STEPS: readonly DriverEventFact[] = [
  step(1, 'REGISTERED', 0),
  step(2, 'DUTY_AVAILABLE', 0),
  step(
    3,
    'PLANNED',
    1,
    planned([
      ['d2', 'pickup'],
      ['d2', 'dropoff'],
    ]),
  ),
  step(4, 'ASSIGNED', 3, { deliveryId: 'd3' }),
  step(5, 'ROUTE', 3, {
    route: [
      ['d2', 'pickup'],
      ['d3', 'pickup'],
      ['d2', 'dropoff'],
      ['d3', 'dropoff'],
    ],
  }),
  step(6, 'FAILED', 3, { deliveryId: 'd2', recordedMs: at(16) }),
  step(7, 'RETURNED', 2, { deliveryId: 'd2', recordedMs: at(17) }),
  step(8, 'PLANNED', 3, {
    recordedMs: at(18),
    ...planned([
      ['d3', 'pickup'],
      ['d3', 'dropoff'],
      ['d4', 'pickup'],
      ['d4', 'dropoff'],
    ]),
  }),
  step(9, 'PLANNED', 2, {
    recordedMs: at(19),
    ...planned([
      ['d3', 'pickup'],
      ['d3', 'dropoff'],
    ]),
  }),
  step(10, 'CANCELLED', 0, { deliveryId: 'd3', recordedMs: at(20) }),
  step(11, 'ASSIGNED', 1, { deliveryId: 'd5', recordedMs: at(21) }),
];

function events(
  deliveryId: string,
  list: readonly [type: string, status: DeliveryStatus, second: number, more?: Partial<DeliveryEventFact>][],
): DeliveryEventFact[] {
  return list.map(([type, status, second, more], place) => ({
    deliveryId,
    seq: place + 1,
    type,
    status,
    actor: PERSON,
    driverId: null,
    driverVersion: null,
    data: null,
    recordedMs: at(second),
    ...more,
  }));
}
const by = (actor: string, driverVersion: number | null) => ({ actor, driverId: ROUTED, driverVersion });
const held = (state: string, reason: string, second: number) => ({
  actor: PLAN,
  data: { state, reason, until: iso(second) },
});

const EVENTS: readonly DeliveryEventFact[] = [
  ...events('d2', [
    ['CREATED', 'PENDING', 1],
    ['ASSIGNED', 'ASSIGNED', 3, by(PLAN, 3)],
    ['PICKED_UP', 'PICKED_UP', 10, by(PERSON, null)],
    ['FAILED', 'FAILED', 16, by(PERSON, 6)],
    ['RETURNED', 'RETURNED', 17, by(PERSON, 7)],
  ]),
  ...events('d3', [
    ['CREATED', 'PENDING', 1],
    ['ASSIGNED', 'ASSIGNED', 4, { ...by(PERSON, 4), data: { byHand: true } }],
    ['CANCELLED', 'CANCELLED', 20, by(PERSON, 10)],
  ]),
  ...events('d4', [
    ['CREATED', 'PENDING', 1],
    ['HELD', 'PENDING', 1, held('held', 'may_join_a_trip', 2)],
    ['ASSIGNED', 'ASSIGNED', 18, by(PLAN, 8)],
    ['UNASSIGNED', 'PENDING', 19, by(PLAN, 9)],
    ['HELD', 'PENDING', 19, held('scheduled', 'scheduled', 195)],
  ]),
  ...events('d5', [
    ['CREATED', 'PENDING', 1],
    ['ASSIGNED', 'ASSIGNED', 21, by(PERSON, 11)],
    ['PICKED_UP', 'PICKED_UP', 30, by(PERSON, null)],
  ]),
];

const ASKED: Readonly<Record<string, Kind>> = {
  CREATED: 'order',
  ASSIGNED: 'assign',
  PICKED_UP: 'move',
  FAILED: 'move',
  RETURNED: 'move',
  CANCELLED: 'cancel',
};
/** What people asked for, for that to happen, and what they were answered. */
const CAUSES = EVENTS.flatMap(({ deliveryId, type, status, seq, actor, recordedMs }) => {
  const kind = ASKED[type];
  if (actor !== PERSON || kind === undefined) return [];
  const shown = { id: deliveryId, version: seq, status, dispatch: 'settled', driverId: ROUTED, pinned: false } as const;
  return [
    goodOperation({
      kind,
      shop: SHOP,
      target: deliveryId,
      startMs: recordedMs - 5,
      endMs: recordedMs + 5,
      ...(kind === 'order' ? { ids: [deliveryId], said: 'PENDING' } : { deliveries: [shown] }),
      ...(kind === 'move' && { wanted: { status } }),
    }),
  ];
});

function delivery(id: string, status: DeliveryStatus, version: number, more: Partial<DeliveryFact>): DeliveryFact {
  return {
    id,
    shop: SHOP,
    orderRef: null,
    notes: null,
    status,
    version,
    driverId: null,
    size: 1,
    requires: [],
    proofRequired: [],
    excluded: [],
    pickupRank: null,
    dropoffRank: null,
    readyMs: null,
    priority: 0,
    dropoffLat: null,
    ...more,
  };
}

const PINNED = {
  id: 'd3',
  version: 2,
  status: 'ASSIGNED',
  dispatch: 'settled',
  driverId: ROUTED,
  pinned: true,
} as const;
const SHOWN = { id: ROUTED, version: 2, status: 'AVAILABLE', load: 0, tags: ['cold'], shiftEndsMs: at(900) } as const;

export function goodRoutes(): Evidence {
  const history = goodHistory();
  return {
    ...history,
    operations: [
      ...history.operations,
      ...CAUSES,
      goodOperation({ kind: 'fix', shop: SHOP, target: ROUTED, startMs: at(0), endMs: at(0) + 10 }),
      goodOperation({ kind: 'read_driver', shop: SHOP, startMs: at(2), endMs: at(2) + 10, drivers: [SHOWN] }),
      goodOperation({
        kind: 'assign_named',
        shop: SHOP,
        startMs: at(4),
        endMs: at(4) + 10,
        target: 'd3',
        deliveries: [PINNED],
        wanted: { driverId: ROUTED, pinned: true },
      }),
      goodOperation({
        kind: 'read_route',
        shop: SHOP,
        startMs: at(12),
        endMs: at(12) + 10,
        routes: [
          {
            driverId: ROUTED,
            version: 5,
            // The pickup of d2 has been made since.
            stops: [
              { deliveryId: 'd3', kind: 'pickup', pinned: true },
              { deliveryId: 'd2', kind: 'dropoff', pinned: true },
              { deliveryId: 'd3', kind: 'dropoff', pinned: true },
            ],
          },
        ],
      }),
    ],
    drivers: [
      ...history.drivers,
      { id: ROUTED, shop: SHOP, active: true, version: 11, load: 1, reserved: 0, capacity: 3, tags: ['cold'] },
    ],
    driverEvents: [...history.driverEvents, ...STEPS],
    deliveries: [
      ...history.deliveries,
      delivery('d2', 'RETURNED', 5, { driverId: ROUTED }),
      delivery('d3', 'CANCELLED', 3, { driverId: ROUTED, size: 2 }),
      delivery('d4', 'PENDING', 5, { requires: ['cold'] }),
      delivery('d5', 'PICKED_UP', 3, { driverId: ROUTED, dropoffRank: 2 }),
    ],
    deliveryEvents: [...history.deliveryEvents, ...EVENTS],
    outbox: [...history.outbox, { id: 'told', deliveryId: 'd4', seq: 3, sent: false, plannedDropoffMs: at(800) }],
  };
}
