import type { DeliveryStatus, FailedParcel } from '#shared/domain/delivery.ts';
import type { FailureProofPart, ProofPart } from '#shared/domain/proof.ts';

/** What may be asked of a driver at the door. */
export type ProofName = ProofPart | FailureProofPart | 'pin';

/** What a driver says with a hand-over or a failure, besides that it is one. */
export interface Brought {
  pincode?: string;
  receivedBy?: string;
  /** The data of an SVG path. */
  signature?: string;
  /** Years. */
  ageChecked?: number;
  note?: string;
  photo?: Blob;
}

/** A step the driver has taken, kept on the phone until the service has answered for good. */
export interface Step extends Omit<Brought, 'photo'> {
  /** Never changes; its photograph is kept under it. */
  id: string;
  /** Its idempotency key, from birth and over every time it is sent: it counts once. Another PIN code is another request. */
  key: string;
  driverId: string;
  /** Steps arrive in the order in which they were taken. */
  place: number;
  deliveryId: string;
  /** As the driver knows the order. */
  title: string;
  status: DeliveryStatus;
  occurredAt: string;
  position?: { lat: number; lon: number };
  failureCode?: string;
  /** With a failure: what becomes of the parcel that is aboard. */
  parcel?: FailedParcel;
  /** What the driver says of a hand-over; `note` is of a failure. */
  proofNote?: string;
  /** Where its photograph is, once that has arrived: it is not sent twice. */
  photoUrl?: string;
  /** The PIN code was wrong: it is asked for again, and nothing else of the step. */
  wrongPin?: true;
  /** The service asks for this besides: it is asked for, and nothing else of the step. */
  missing?: readonly ProofName[];
  /** How many codes are still taken; 0: only the shop can help. */
  triesLeft?: number;
}

/** What a driver says of a step; the rest is known. */
export type Taken = Pick<Step, 'deliveryId' | 'title' | 'status'> &
  Partial<Pick<Step, 'position' | 'failureCode' | 'parcel' | 'proofNote'>> &
  Brought;

/**
 * Why the service did not take a step: meanwhile the order was cancelled, given to somebody else, delivered, or ended
 * otherwise (failed, or returned); or something else, which its own words say.
 */
export type Why = 'cancelled' | 'given_away' | 'delivered' | 'ended' | 'other';

/** The last step of a delivery that was not taken. */
export interface Refused extends Pick<Step, 'driverId' | 'deliveryId' | 'title' | 'status'> {
  why: Why;
  /** The service's own words. */
  detail: string;
}

export function newKey(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}
