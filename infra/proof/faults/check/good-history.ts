import type { DeliveryEventFact, DriverEventFact } from '../facts.ts';
import type { Evidence, Operation } from '../history.ts';

/*
 * A small history in which everything holds: one shop, one driver, one order that came twice, was assigned, picked up
 * and delivered, and was told to the shop. Each test makes it bad in one way.
 */

export const T0 = 1_700_000_000_000;
export const SHOP = 'north';
export const DRIVER = 'driver-1';
export const DELIVERY = 'delivery-1';

const FOOTPRINT = { files: 20, sockets: 40, postgres: 10, redis: 2, rssMiB: 90 };

export function goodOperation(change: Partial<Operation>): Operation {
  return {
    kind: 'order',
    shop: SHOP,
    worker: 0,
    key: null,
    startMs: T0,
    endMs: T0 + 10,
    outcome: 'ok',
    status: 200,
    degraded: false,
    replayed: false,
    retryAfter: false,
    bodySha: 'sha',
    orderRef: null,
    target: null,
    deliveries: [],
    drivers: [],
    routes: [],
    ids: [],
    ...change,
  };
}

function driverEvent(version: number, type: string, load: number, atMs: number): DriverEventFact {
  return {
    driverId: DRIVER,
    version,
    type,
    status: load === 1 ? 'BUSY' : type === 'REGISTERED' ? 'OFFLINE' : 'AVAILABLE',
    load,
    capacity: 1,
    deliveryId: type === 'ASSIGNED' || type === 'DELIVERED' ? DELIVERY : null,
    actor: 'shop:key-1',
    route: null,
    recordedMs: T0 + atMs,
  };
}

function deliveryEvent(
  seq: number,
  type: string,
  status: DeliveryEventFact['status'],
  driverVersion: number | null,
): DeliveryEventFact {
  const driverId = seq === 1 ? null : DRIVER;
  return {
    deliveryId: DELIVERY,
    seq,
    type,
    status,
    actor: 'shop:key-1',
    driverId,
    driverVersion,
    data: null,
    recordedMs: T0 + seq,
  };
}

function arrival(sequence: number, event: string, atMs: number): Evidence['arrivals'][number] {
  return {
    atMs: T0 + atMs,
    shop: SHOP,
    webhookId: `webhook-${sequence}`,
    deliveryId: DELIVERY,
    sequence,
    event: `DELIVERY_${event}_V1`,
    bodySha: `body-${sequence}`,
    signatureOk: true,
    accepted: true,
  };
}

export function goodHistory(): Evidence {
  const shown = {
    id: DELIVERY,
    version: 3,
    status: 'PICKED_UP',
    dispatch: 'settled',
    driverId: DRIVER,
    pinned: false,
  } as const;
  const accepted = { key: 'm-1', orderRef: 'ORDER-1', ids: [DELIVERY], status: 202 };
  return {
    operations: [
      goodOperation({ kind: 'fix', target: DRIVER, startMs: T0 - 5_000, endMs: T0 - 4_990, recordedMs: T0 - 5_000 }),
      goodOperation(accepted),
      goodOperation({ ...accepted, startMs: T0 + 20, endMs: T0 + 30, replayed: true }),
      goodOperation({
        kind: 'move',
        key: 'k-1',
        startMs: T0 + 40,
        endMs: T0 + 50,
        target: DELIVERY,
        deliveries: [shown],
        wanted: { status: 'PICKED_UP' },
      }),
      goodOperation({
        kind: 'duty',
        key: 'k-2',
        startMs: T0 + 35,
        endMs: T0 + 39,
        target: DRIVER,
        drivers: [{ id: DRIVER, version: 3, status: 'BUSY', load: 1 }],
        wanted: { status: 'AVAILABLE' },
      }),
      goodOperation({ kind: 'bad', key: 'k-3', outcome: 'fail', status: 422, orderRef: 'ORDER-2' }),
      goodOperation({ kind: 'probe', shop: 'south', key: 'k-4', outcome: 'fail', status: 404, target: DELIVERY }),
      goodOperation({
        kind: 'move',
        key: 'k-5',
        startMs: T0 + 51,
        endMs: T0 + 53,
        target: DELIVERY,
        deliveries: [{ ...shown, version: 4, status: 'DELIVERED' }],
        wanted: { status: 'DELIVERED' },
      }),
    ],
    faults: [{ name: 'redis_hung', group: 'redis', worker: null, startMs: T0 + 100_000, endMs: T0 + 110_000 }],
    skipped: [],
    mismatches: [
      { driverId: DRIVER, version: 2, what: 'found', sinceMs: T0 + 105_000, untilMs: T0 + 112_000, mended: true },
    ],
    waits: [],
    follows: [{ how: 'stream', shop: SHOP, rows: 6, repeats: 0, needless: [], untold: [], wrong: [] }],
    arrivals: [
      arrival(1, 'CREATED', 5),
      arrival(2, 'ASSIGNED', 6),
      arrival(3, 'PICKED_UP', 7),
      arrival(3, 'PICKED_UP', 8),
      arrival(4, 'DELIVERED', 9),
    ],
    redirectsFollowed: 0,
    shops: [
      { slug: SHOP, keyIds: ['key-1'], unasked: ['IN_TRANSIT'], isGone: false, isDisabled: false, maxHeldS: 20 },
      { slug: 'south', keyIds: ['key-2'], unasked: [], isGone: true, isDisabled: true, maxHeldS: 20 },
    ],
    drivers: [{ id: DRIVER, shop: SHOP, active: true, version: 4, load: 0, reserved: 0, capacity: 1, tags: [] }],
    driverEvents: [
      driverEvent(1, 'REGISTERED', 0, -9_000),
      driverEvent(2, 'DUTY_AVAILABLE', 0, -8_000),
      driverEvent(3, 'ASSIGNED', 1, 2),
      driverEvent(4, 'DELIVERED', 0, 4),
    ],
    deliveries: [
      {
        id: DELIVERY,
        shop: SHOP,
        orderRef: 'ORDER-1',
        notes: null,
        status: 'DELIVERED',
        version: 4,
        driverId: DRIVER,
        size: 1,
        requires: [],
        proofRequired: ['name'],
        excluded: [],
        pickupRank: null,
        dropoffRank: null,
        readyMs: null,
        priority: 0,
        dropoffLat: null,
      },
    ],
    deliveryEvents: [
      deliveryEvent(1, 'CREATED', 'PENDING', null),
      deliveryEvent(2, 'ASSIGNED', 'ASSIGNED', 3),
      deliveryEvent(3, 'PICKED_UP', 'PICKED_UP', null),
      {
        ...deliveryEvent(4, 'DELIVERED', 'DELIVERED', 4),
        actor: `driver:${DRIVER}`,
        data: { proof: { receivedBy: 'R. Meier' } },
      },
    ],
    decisions: [],
    offers: [],
    outbox: [1, 2, 3, 4].map((seq) => ({
      id: `webhook-${seq}`,
      deliveryId: DELIVERY,
      seq,
      sent: true,
      plannedDropoffMs: T0 + 600_000,
    })),
    settledMs: T0 + 190_000,
    unsent: { events: 0, isStuck: false },
    refusing: null,
    collectedMs: T0 + 200_000,
    keys: [],
    scopes: ['operator'],
    processes: { exits: [], failures: [], leaks: [], lines: 9, maxRssMiB: 100 },
    leftovers: [{ name: 'worker 0', base: FOOTPRINT, end: FOOTPRINT }],
    positions: {
      seen: [{ driverId: DRIVER, recordedMs: T0 - 5_000, atMs: T0 - 4_000 }],
      trespassed: [],
      untilMs: T0 + 190_000,
    },
    machine: { loopP99Ms: 22, loadPerCore: 1, loadStretch: 1 },
  };
}
