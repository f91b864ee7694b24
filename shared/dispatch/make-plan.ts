import { randomUUID } from 'node:crypto';
import { plan } from '../planning/plan.ts';
import type { Plan, PlanQuestion } from '../planning/question.ts';
import type { PlanMade } from './decisions-of.ts';
import type { EngineDeps } from './deps.ts';
import type { PlannerMemory } from './plan-shop.ts';
import { type Asked, questionOf } from './question-of.ts';
import { routedWays } from './routed-ways.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Where the search is cut off, so that the process answers others: what it has by then is a plan all the same, with
 * fewer rounds.
 */
const DEADLINE_MS = 80;

/** Plans a snapshot, going on from what the last plan of this process had in mind. */
export async function makePlan(
  { routing }: Pick<EngineDeps, 'routing'>,
  { previous, report }: Pick<PlannerMemory, 'previous' | 'report'>,
  snapshot: Snapshot,
): Promise<PlanMade> {
  const asked = questionOf(snapshot, previous.get(snapshot.shopId));
  const ways = await routedWays(routing, asked.question, asked.places, asked.ways);
  const began = performance.now();
  let isLate = false;
  const stop = () => {
    isLate = performance.now() - began > DEADLINE_MS;
    return isLate;
  };
  const question = { ...asked.question, ...ways, settings: { ...snapshot.settings, stop } };
  const made = planOrNearest(question, (error) => report('plan_failed', { shopId: snapshot.shopId, error }));
  const ms = performance.now() - began;
  const facts = new Map(
    [...snapshot.waiting, ...snapshot.drivers.flatMap(({ stops }) => stops)].map((each) => [each.id, each]),
  );
  return {
    id: randomUUID(),
    plan: made,
    unsearched: isLate && made.rounds === 0,
    ms,
    travel: ways.source,
    factsOf: (deliveryId) => facts.get(deliveryId),
    reasons: reasonsOf(asked, made),
  };
}

/** A fault of the search must not stop a shop: its orders then go to the nearest, by the simplest rule. */
function planOrNearest(question: PlanQuestion, failed: (error: unknown) => void): Plan {
  try {
    return plan(question);
  } catch (error) {
    failed(error);
    return plan({ ...question, previous: undefined, settings: { ...question.settings, policy: 'nearest' } });
  }
}

function reasonsOf({ question, ways }: Asked, { changes }: PlanMade['plan']): PlanMade['reasons'] {
  const pickups = new Map(question.deliveries.map(({ id, pickup }) => [id, pickup.place]));
  const drivers = new Map(question.drivers.map((driver) => [driver.id, driver]));
  const reasons = changes.flatMap(({ driverId, told }) =>
    told.map(({ deliveryId, reason }) => {
      const driver = drivers.get(driverId);
      const pickup = pickups.get(deliveryId);
      const known = driver !== undefined && pickup !== undefined;
      return [
        deliveryId,
        { reason, ...(known && { distanceM: Math.round(ways.distanceM(driver.place, pickup)) }) },
      ] as const;
    }),
  );
  return new Map(reasons);
}
