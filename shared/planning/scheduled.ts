import type { Holder } from './model.ts';
import type { HeldDelivery, OpenDelivery, PlanQuestion } from './question.ts';
import type { PlanSettings } from './settings.ts';

/**
 * What takes part in the plan, and what nobody has to leave for before `planAheadS` from now: planning it would gain
 * nothing yet, and the places it took would be missing for what is due.
 */
export function divideBySchedule(
  question: PlanQuestion,
  all: readonly OpenDelivery[],
  holders: ReadonlyMap<string, Holder>,
  settings: PlanSettings,
): { deliveries: OpenDelivery[]; scheduled: HeldDelivery[] } {
  const deliveries: OpenDelivery[] = [];
  const scheduled: HeldDelivery[] = [];
  const horizonMs = question.nowMs + settings.planAheadS * 1_000;
  for (const delivery of all) {
    const leaveMs = holders.has(delivery.id) ? Number.NEGATIVE_INFINITY : earliestUseMs(delivery, question, settings);
    if (leaveMs <= horizonMs) deliveries.push(delivery);
    else {
      scheduled.push({
        deliveryId: delivery.id,
        driverId: null,
        untilMs: Math.ceil(leaveMs - settings.planAheadS * 1_000),
        reason: 'scheduled',
        ...expected(delivery, question, settings),
      });
    }
  }
  return { deliveries, scheduled };
}

/** When somebody has to leave for it at the earliest: it can be collected then, and its door opens in time. */
function earliestUseMs(delivery: OpenDelivery, { travelS }: PlanQuestion, { marginS }: PlanSettings): number {
  const { pickup, dropoff } = delivery;
  const collectMs = collectableMs(delivery);
  if (dropoff.afterMs === undefined) return collectMs;
  return Math.max(collectMs, dropoff.afterMs - (travelS(pickup.place, dropoff.place, null) + marginS) * 1_000);
}

/** Collected as soon as it can be, and handed over as soon as it opens: what a customer may expect before it is planned. */
function expected(
  delivery: OpenDelivery,
  { travelS }: PlanQuestion,
  { pickupServiceS }: PlanSettings,
): Pick<HeldDelivery, 'pickupAtMs' | 'dropoffAtMs'> {
  const { pickup, dropoff } = delivery;
  const wayMs = Math.round(travelS(pickup.place, dropoff.place, null) + (pickup.serviceS ?? pickupServiceS)) * 1_000;
  const opensMs = dropoff.afterMs ?? Number.NEGATIVE_INFINITY;
  const collectMs = Math.max(collectableMs(delivery), opensMs - wayMs);
  return { pickupAtMs: collectMs, dropoffAtMs: Math.max(collectMs + wayMs, opensMs) };
}

/** When the goods can be collected; -Infinity where nothing is said. */
export function collectableMs({ pickup }: OpenDelivery): number {
  return Math.max(pickup.readyAtMs ?? Number.NEGATIVE_INFINITY, pickup.afterMs ?? Number.NEGATIVE_INFINITY);
}
