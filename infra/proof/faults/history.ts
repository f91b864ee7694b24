import type { DeliveryStatus, DispatchState } from '#shared/domain/delivery.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';
import type { PlannedStopRef } from '#shared/planning/question.ts';
import type { Refusing } from './end-of-run.ts';
import type {
  DecisionFact,
  DeliveryEventFact,
  DeliveryFact,
  DriverEventFact,
  DriverFact,
  OfferFact,
  OutboxFact,
  ShopFact,
} from './facts.ts';
import type { Follow } from './follower.ts';
import type { Leftover } from './footprint.ts';
import type { Wanted } from './wanted.ts';
import type { Positions } from './watch-positions.ts';

/** 2xx; 4xx; or anything after which the caller cannot know: 5xx, timeout, reset. */
export type Outcome = 'ok' | 'fail' | 'unknown';

export type Kind =
  | 'create'
  | 'order'
  | 'cancel_order'
  | 'cancel'
  | 'redeliver'
  | 'assign'
  | 'assign_named'
  | 'unassign'
  | 'move'
  | 'accept'
  | 'decline'
  | 'change'
  | 'rate'
  | 'hold'
  | 'release'
  | 'arrange'
  | 'change_driver'
  | 'hire'
  | 'grant'
  | 'retire'
  | 'withdraw'
  | 'withdrawn'
  | 'forged'
  | 'redeliver'
  | 'duty'
  | 'fix'
  | 'fixes'
  | 'heartbeat'
  | 'read_delivery'
  | 'read_driver'
  | 'read_route'
  | 'read_offers'
  | 'list'
  | 'nearest'
  | 'health'
  | 'probe'
  | 'bad';

const READS: ReadonlySet<Kind> = new Set([
  'read_delivery',
  'read_driver',
  'read_route',
  'read_offers',
  'list',
  'nearest',
  'health',
]);
/** With a token that was withdrawn or somebody else's signature: nothing of it may be taken. */
export const isWithoutProof = (kind: Kind): boolean => kind === 'withdrawn' || kind === 'forged';

export const isMutation = (kind: Kind): boolean => !READS.has(kind);

export interface ShownDelivery {
  id: string;
  version: number;
  status: DeliveryStatus;
  dispatch: DispatchState;
  driverId: string | null;
  pinned: boolean;
}
export interface ShownDriver {
  id: string;
  version: number;
  status: DriverStatus;
  load: number;
  /** Where the answer shows them. */
  tags?: readonly string[];
  shiftEndsMs?: number | null;
}
export interface ShownRoute {
  driverId: string;
  version: number;
  /** `pinned`: a person has fixed its place. */
  stops: readonly (PlannedStopRef & { pinned: boolean })[];
}

/** One HTTP request, whatever came of it. Requests with the same `key` are one intention, repeated. Times: Date.now(). */
export interface Operation {
  kind: Kind;
  shop: string;
  worker: number;
  /** Idempotency-Key or webhook-id, where one was sent. */
  key: string | null;
  startMs: number;
  /** When all of it was handed to the network; absent: never. */
  sentMs?: number;
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
  /** The delivery, driver or offer that was asked about. */
  target: string | null;
  deliveries: readonly ShownDelivery[];
  drivers: readonly ShownDriver[];
  routes: readonly ShownRoute[];
  /** Drivers found by `nearest` or reported by `fixes`, or delivery id told by a webhook's answer. */
  ids: readonly string[];
  /** Of a fix, by the phone's clock. */
  recordedMs?: number;
  wanted?: Wanted;
  /** What the answer to a shop's message calls the order: a status, or `IGNORED`. */
  said?: string;
  /** Of a refusal that may be repeated: what the service says of it. */
  why?: string;
}

export type FaultGroup = 'redis' | 'postgres' | 'worker' | 'relay' | 'receiver' | 'crowd' | 'caller';

/** Figures that only the one who injected a fault can know. */
export type Facts = Readonly<Record<string, number>>;

export interface FaultWindow {
  name: string;
  group: FaultGroup;
  /** The worker it was done to. */
  worker: number | null;
  /** The shop whose endpoint misbehaved. */
  shop?: string;
  /** The one process that it was done to, by name. */
  alone?: string;
  startMs: number;
  endMs: number;
  facts?: Facts;
}

/** Something that was wrong from one look to another. */
export interface Sighting {
  sinceMs: number;
  untilMs: number;
  /** False: it still was at the last look of all. */
  mended: boolean;
}

/** A driver whom the projection shows otherwise than Postgres, at one version of theirs. */
export interface Mismatch extends Sighting {
  driverId: string;
  version: number;
  /** `found`: the search would give them though it must not; `missing`: it would not; `cold`: the shop is unknown. */
  what: 'found' | 'missing' | 'cold';
}

/** A delivery that waits and that the engine has forgotten, as it seems. */
export interface Wait extends Sighting {
  deliveryId: string;
  /**
   * `unmarked`: nothing says when the engine has to look at it; `overdue`: that time is over;
   * `beside_idle`: it is searched for, and an idle driver who may have it is near.
   */
  what: 'unmarked' | 'overdue' | 'beside_idle';
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

export interface ProcessFacts {
  /** Exits nobody asked for. */
  exits: readonly string[];
  /** Lines on stderr, and log lines of unexpected errors. */
  failures: readonly string[];
  /** Log lines with something in them that must not be logged; of how many. */
  leaks: readonly string[];
  lines: number;
  maxRssMiB: number;
}

export interface MachineFacts {
  /** How late the bench's own event loop came, p99. */
  loopP99Ms: number;
  /** The load average, most of the time: what ran before the bench is still in its first ones. */
  loadPerCore: number;
  /** By how much the pauses of the load had to be longer than wished, most of the time, for the machine to follow. */
  loadStretch: number;
}

/** All that the checks look at: a plain value, so that a test can make a bad one by hand. */
export interface Evidence {
  operations: readonly Operation[];
  faults: readonly FaultWindow[];
  /** Faults there was no time for. */
  skipped: readonly string[];
  mismatches: readonly Mismatch[];
  waits: readonly Wait[];
  follows: readonly Follow[];
  arrivals: readonly Arrival[];
  redirectsFollowed: number;
  shops: readonly ShopFact[];
  drivers: readonly DriverFact[];
  driverEvents: readonly DriverEventFact[];
  deliveries: readonly DeliveryFact[];
  deliveryEvents: readonly DeliveryEventFact[];
  decisions: readonly DecisionFact[];
  offers: readonly OfferFact[];
  outbox: readonly OutboxFact[];
  /** When nothing was left to be sent: what the engine did after that may not have been heard of. */
  settledMs: number;
  /** What was left all the same, in shops whose endpoints take everything; `isStuck`: it did not get less any more. */
  unsent: { events: number; isStuck: boolean };
  refusing: Refusing | null;
  /** When all this was read. */
  collectedMs: number;
  /** Under what results are kept (`keptKey`), and whose keys there may be. */
  keys: readonly string[];
  scopes: readonly string[];
  processes: ProcessFacts;
  leftovers: readonly Leftover[];
  positions: Positions;
  machine: MachineFacts;
}

export interface Violation {
  invariant: string;
  what: string;
  example: unknown;
  /** It says how long something took: a machine that is too busy cannot tell. */
  timed?: true;
}
