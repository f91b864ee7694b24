import {
  forgetDeliveries,
  forgetDriverEvents,
  forgetKeys,
  forgetOutbox,
  forgetPositions,
} from '../../db/statements/retention.ts';
import type { Retention } from '../../runtime/config.ts';
import { forgetPhotos, type PhotoDeps } from '../proofs.ts';

/** How much of what one step took. */
export interface Forgotten {
  positions: number;
  deliveries: number;
  driverEvents: number;
  sentEvents: number;
  keys: number;
  photos: number;
}

/** One small step of each kind. All zero: there is nothing more to forget. */
export async function forgetOld(deps: PhotoDeps, days: Retention): Promise<Forgotten> {
  const { db } = deps;
  return {
    positions: await forgetPositions(db, days.positionsDays),
    deliveries: await forgetDeliveries(db, days.eventsDays),
    driverEvents: await forgetDriverEvents(db, days.eventsDays),
    sentEvents: await forgetOutbox(db, days.outboxDays),
    keys: await forgetKeys(db, { keys: days.idempotencyDays, inbox: days.inboxDays }),
    // Last, since an object store that is away must not keep the rest. Never longer than the history it belongs to.
    photos: await forgetPhotos(deps, Math.min(days.photosDays, days.eventsDays)),
  };
}

/** What both took together. */
export function sum(a: Forgotten, b: Forgotten): Forgotten {
  return {
    positions: a.positions + b.positions,
    deliveries: a.deliveries + b.deliveries,
    driverEvents: a.driverEvents + b.driverEvents,
    sentEvents: a.sentEvents + b.sentEvents,
    keys: a.keys + b.keys,
    photos: a.photos + b.photos,
  };
}

export function isNothing(forgotten: Forgotten): boolean {
  return Object.values(forgotten).every((count) => count === 0);
}
