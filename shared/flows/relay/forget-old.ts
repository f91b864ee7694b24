import {
  forgetDeliveries,
  forgetDriverEvents,
  forgetKeys,
  forgetOutbox,
  forgetPositions,
} from '../../db/statements/retention.ts';
import type { Retention } from '../../runtime/config.ts';
import { forgetPhotos, type PhotoDeps } from '../proof-of-delivery.ts';

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

/**
 * As many steps as take `most` rows together, or all that is left: what a relay does at a time. The rows that go lie dead
 * in their tables until autovacuum has been there, which looks once a minute; more at once than it takes away in that
 * time, and the tables would grow by what is forgotten.
 */
export async function forgetSome(deps: PhotoDeps, days: Retention, most: number): Promise<Forgotten> {
  let total = NOTHING;
  while (rowsOf(total) < most) {
    const step = await forgetOld(deps, days);
    if (isNothing(step)) break;
    total = sum(total, step);
  }
  return total;
}

export const NOTHING: Forgotten = { positions: 0, deliveries: 0, driverEvents: 0, sentEvents: 0, keys: 0, photos: 0 };

/** Of one ended delivery: itself, its events and decisions. */
const ROWS_OF_A_DELIVERY = 10;

const rowsOf = ({ deliveries, ...others }: Forgotten) =>
  ROWS_OF_A_DELIVERY * deliveries + Object.values(others).reduce((all, each) => all + each, 0);

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
