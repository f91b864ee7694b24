import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';
import type { StopKind } from '#shared/planning/question.ts';

/* What Postgres holds in the end, row by row. Times are ms since 1970. */

export interface DriverFact {
  id: string;
  shop: string;
  active: boolean;
  version: number;
  load: number;
  /** Units kept for open offers. */
  reserved: number;
  capacity: number;
  tags: readonly string[];
}
export interface DriverEventFact {
  driverId: string;
  version: number;
  type: string;
  status: DriverStatus;
  load: number;
  capacity: number;
  deliveryId: string | null;
  actor: string;
  /** All stops in order, where a plan or a person arranged them. */
  route: readonly (readonly [string, StopKind])[] | null;
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
  size: number;
  /** Tags that its driver must have. */
  requires: readonly string[];
  /** What its driver has to bring from the door. */
  proofRequired: readonly string[];
  /** Drivers whom it leaves out. */
  excluded: readonly string[];
  pickupRank: number | null;
  dropoffRank: number | null;
  /** When it can be collected and its door opens, at the earliest; null: at any time. */
  readyMs: number | null;
  priority: number;
  dropoffLat: number | null;
}
export interface DeliveryEventFact {
  deliveryId: string;
  seq: number;
  type: string;
  status: DeliveryStatus;
  actor: string;
  driverId: string | null;
  driverVersion: number | null;
  /** Of ASSIGNED, HELD and DELIVERED only. */
  data: {
    offerId?: string;
    byHand?: boolean;
    override?: readonly string[];
    state?: string;
    reason?: string | null;
    until?: string | null;
    proof?: { receivedBy?: string };
  } | null;
  recordedMs: number;
}
/** A trip that a driver was asked to make. */
export interface OfferFact {
  id: string;
  driverId: string;
  deliveryIds: readonly string[];
  size: number;
  exclusive: boolean;
  state: string;
  createdMs: number;
  expiresMs: number;
  endedMs: number | null;
}
/** What a plan decided about a delivery, where that was news. */
export interface DecisionFact {
  deliveryId: string;
  outcome: string;
  recordedMs: number;
}
export interface OutboxFact {
  id: string;
  deliveryId: string;
  seq: number;
  sent: boolean;
  /** The hand-over as its message tells it. */
  plannedDropoffMs: number | null;
}
export interface ShopFact {
  slug: string;
  keyIds: readonly string[];
  /** How long its customers may be shown no driver. */
  maxHeldS: number;
  /** Events that it did not ask for. */
  unasked: readonly string[];
  /** By the bench's own choice its endpoint says 410, or it has none: nothing need arrive. */
  isGone: boolean;
  /** The service sends it nothing any more. */
  isDisabled: boolean;
}
