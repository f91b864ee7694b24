import type { PlanView } from '../contract/plans.ts';
import type { Plan, RouteChange } from '../planning/question.ts';

const utc = (ms: number) => new Date(ms).toISOString();

/** A plan as it is answered; milliseconds become times. */
export function planView({
  routes,
  changes,
  held,
  unplanned,
  decisions,
  costS,
  rounds,
}: Plan): Omit<PlanView, 'travel'> {
  const changed = new Map(changes.map((change) => [change.driverId, change]));
  return {
    routes: routes.map(({ driverId, stops }) => ({
      driverId,
      stops: stops.map(({ deliveryId, kind, atMs }) => ({ deliveryId, kind, at: utc(atMs) })),
      ...tellingOf(changed.get(driverId)),
    })),
    held: held.map(({ deliveryId, driverId, untilMs, reason }) => ({
      deliveryId,
      driverId,
      until: utc(untilMs),
      reason,
    })),
    unplanned: unplanned.map(({ deliveryId, reason, help }) => ({ deliveryId, reason, help: [...help] })),
    decisions: decisions.map(({ deliveryId, driverId, costS: ownS, parts, alternatives, ruledOut }) => ({
      deliveryId,
      driverId,
      costS: ownS,
      parts,
      alternatives: [...alternatives],
      ruledOut,
    })),
    costS: Math.round(costS),
    rounds,
  };
}

/** Of several deliveries that a driver is told of, the first in their route says why now. */
function tellingOf(change: RouteChange | undefined): Pick<PlanView['routes'][number], 'tell' | 'reason'> {
  if (change === undefined) return { tell: false, reason: null };
  return { tell: true, reason: change.told[0]?.reason ?? 'rearranged' };
}
