import {
  forgetDeliveries,
  forgetDriverEvents,
  forgetKeys,
  forgetPositions,
  forgetSentEvents,
} from '../../db/statements/retention.ts';
import type { Retention } from '../../runtime/config.ts';
import type { FlowDeps } from '../deps.ts';

/** How much of what one step took. */
export interface Forgotten {
  positions: number;
  deliveries: number;
  driverEvents: number;
  sentEvents: number;
  keys: number;
}

/** One small step of each kind. All zero: there is nothing more to forget. */
export async function forgetOld({ db }: Pick<FlowDeps, 'db'>, days: Retention): Promise<Forgotten> {
  return {
    positions: await forgetPositions(db, days.positionsDays),
    deliveries: await forgetDeliveries(db, days.eventsDays),
    driverEvents: await forgetDriverEvents(db, days.eventsDays),
    sentEvents: await forgetSentEvents(db, days.outboxDays),
    keys: await forgetKeys(db, { keys: days.idempotencyDays, inbox: days.inboxDays }),
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
  };
}

export function isNothing(forgotten: Forgotten): boolean {
  return Object.values(forgotten).every((count) => count === 0);
}
