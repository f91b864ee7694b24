import type { DeliveryStatus, DispatchState } from '#shared/domain/delivery.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';

/** 2xx; 4xx; or anything after which the caller cannot know: 5xx, timeout, reset. */
export type Outcome = 'ok' | 'fail' | 'unknown';

export type Kind =
  | 'create'
  | 'order'
  | 'cancel_order'
  | 'cancel'
  | 'assign'
  | 'assign_named'
  | 'unassign'
  | 'move'
  | 'duty'
  | 'fix'
  | 'fixes'
  | 'heartbeat'
  | 'read_delivery'
  | 'read_driver'
  | 'list'
  | 'nearest'
  | 'health'
  | 'probe'
  | 'bad';

const READS: ReadonlySet<Kind> = new Set(['read_delivery', 'read_driver', 'list', 'nearest', 'health']);
export const isMutation = (kind: Kind): boolean => !READS.has(kind);

export interface ShownDelivery {
  id: string;
  version: number;
  status: DeliveryStatus;
  dispatch: DispatchState;
  driverId: string | null;
}
export interface ShownDriver {
  id: string;
  version: number;
  status: DriverStatus;
  load: number;
}

/** One HTTP request, whatever came of it. Requests with the same `key` are one intention, repeated. Times: Date.now(). */
export interface Operation {
  kind: Kind;
  shop: string;
  worker: number;
  /** Idempotency-Key or webhook-id, where one was sent. */
  key: string | null;
  startMs: number;
  endMs: number;
  outcome: Outcome;
  /** null: no answer. */
  status: number | null;
  degraded: boolean;
  replayed: boolean;
  retryAfter: boolean;
  /** SHA-256 of the answer's body. */
  bodySha: string | null;
  orderRef: string | null;
  /** The delivery or driver that was asked about. */
  target: string | null;
  deliveries: readonly ShownDelivery[];
  drivers: readonly ShownDriver[];
  /** Drivers found by `nearest` or reported by `fixes`, or delivery id told by a webhook's answer. */
  ids: readonly string[];
}

export type FaultGroup = 'redis' | 'postgres' | 'worker' | 'relay' | 'receiver' | 'crowd';

/** Figures that only the one who injected a fault can know. */
export type Facts = Readonly<Record<string, number>>;

export interface FaultWindow {
  name: string;
  group: FaultGroup;
  /** The worker it was done to. */
  worker: number | null;
  /** The shop whose endpoint misbehaved. */
  shop?: string;
  startMs: number;
  endMs: number;
  facts?: Facts;
}

/** A driver whom the projection shows otherwise than Postgres, at one version of his, from one look to another. */
export interface Mismatch {
  driverId: string;
  version: number;
  /** `found`: the search would give him though he must not be; `missing`: it would not; `cold`: the shop is unknown. */
  what: 'found' | 'missing' | 'cold';
  sinceMs: number;
  untilMs: number;
  /** False: he was still shown so at the last look of all. */
  mended: boolean;
}

/** One webhook that reached the receiver with its whole body. */
export interface Arrival {
  atMs: number;
  shop: string;
  webhookId: string;
  deliveryId: string;
  sequence: number;
  event: string;
  bodySha: string;
  signatureOk: boolean;
  /** Answered 2xx. */
  accepted: boolean;
}

export interface DriverFact {
  id: string;
  shop: string;
  active: boolean;
  version: number;
  load: number;
  capacity: number;
}
export interface DriverEventFact {
  driverId: string;
  version: number;
  status: DriverStatus;
  load: number;
  capacity: number;
  recordedMs: number;
}
export interface DeliveryFact {
  id: string;
  shop: string;
  orderRef: string | null;
  /** The load writes the key of a REST create here. */
  notes: string | null;
  status: DeliveryStatus;
  version: number;
  driverId: string | null;
}
export interface DeliveryEventFact {
  deliveryId: string;
  seq: number;
  type: string;
  status: DeliveryStatus;
  actor: string;
  driverId: string | null;
  driverVersion: number | null;
  recordedMs: number;
}
export interface OutboxFact {
  id: string;
  deliveryId: string;
  seq: number;
  sent: boolean;
}
export interface ShopFact {
  slug: string;
  keyIds: readonly string[];
  /** Its endpoint said 410, or it has none: nothing is sent. */
  isGone: boolean;
}

export interface ProcessFacts {
  /** Exits nobody asked for. */
  exits: readonly string[];
  /** Lines on stderr, and log lines of unexpected errors. */
  failures: readonly string[];
  /** Log lines with something in them that must not be logged. */
  leaks: readonly string[];
  maxRssMiB: number;
}

export interface MachineFacts {
  /** How late the bench's own event loop came, p99. */
  loopP99Ms: number;
  /** The load average, most of the time: what ran before the bench is still in its first ones. */
  loadPerCore: number;
}

/** All that the checks look at: a plain value, so that a test can make a bad one by hand. */
export interface Evidence {
  operations: readonly Operation[];
  faults: readonly FaultWindow[];
  /** Faults there was no time for. */
  skipped: readonly string[];
  mismatches: readonly Mismatch[];
  arrivals: readonly Arrival[];
  redirectsFollowed: number;
  shops: readonly ShopFact[];
  drivers: readonly DriverFact[];
  driverEvents: readonly DriverEventFact[];
  deliveries: readonly DeliveryFact[];
  deliveryEvents: readonly DeliveryEventFact[];
  outbox: readonly OutboxFact[];
  /** Keys with a stored result. */
  keys: readonly string[];
  processes: ProcessFacts;
  machine: MachineFacts;
}

export interface Violation {
  invariant: string;
  what: string;
  example: unknown;
  /** It says how long something took: a machine that is too busy cannot tell. */
  timed?: true;
}
