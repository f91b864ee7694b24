import type { Position } from '../domain/geo.ts';

/** All that the holder of a tracking link may know. No names but the driver's first one, no notes, phones, prices. */
export interface TrackingView {
  shop: string;
  reference: string | null;
  status: string;
  /** What has happened so far; null: not yet. */
  steps: { orderedAt: string; assignedAt: string | null; pickedUpAt: string | null; endedAt: string | null };
  /** Only while he has the parcel. */
  driver: { firstName: string; vehicle: string | null; position: Position | null; seenAt: string | null } | null;
  dropoff: Position | null;
  eta: { at: string; source: 'routing' | 'estimate' } | null;
  proof: { receivedBy: string | null; hasPhoto: boolean } | null;
}
