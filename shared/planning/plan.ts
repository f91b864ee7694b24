import { plannedRoutes } from './answer.ts';
import { commit } from './commitment.ts';
import { explain, type Judge, nearestJudge, plannedJudge } from './explain.ts';
import { buildModel, type Model } from './model.ts';
import { planNearest } from './nearest.ts';
import type { HeldDelivery, Plan, PlanQuestion, RouteChange } from './question.ts';
import { type Routes, totalCost, unplaced } from './routes.ts';
import { search } from './search.ts';
import { whyNobody } from './why-nobody.ts';

/**
 * Who brings what, in which order of stops, and which of it is to be told now. Pure: equal questions give equal plans,
 * whatever the order of their lists and the numbers of their places. Throws a QuestionError where the question
 * contradicts itself.
 */
export function plan(question: PlanQuestion): Plan {
  const model = buildModel(question);
  if (model.settings.policy === 'nearest') {
    const { routes, changes, whyNot } = planNearest(model, question);
    const judge = nearestJudge(routes, whyNot);
    return answer(routes, judge, { changes, held: [], costS: totalCost(routes), rounds: 0, insertions: null });
  }
  const { routes, related, ...found } = search(model, question.previous ?? []);
  return answer(routes, plannedJudge(routes, related), { ...commit(routes), ...found });
}

interface Outcome {
  changes: RouteChange[];
  held: HeldDelivery[];
  costS: number;
  rounds: number;
  insertions: number | null;
}

function answer(routes: Routes, judge: Judge, { changes, held, costS, rounds, insertions }: Outcome): Plan {
  const { model } = routes;
  const nobody = unplaced(routes);
  const decisions = explain(routes, askedAbout(model, changes, nobody), judge);
  const records = new Map(decisions.map((decision) => [decision.deliveryId, decision]));
  return {
    routes: plannedRoutes(routes),
    changes,
    held: [...held, ...model.scheduled],
    unplanned: nobody.map((i) => {
      const record = records.get(model.deliveries[i]!.id);
      return whyNobody(routes, i, record ?? explain(routes, [i], judge)[0]!);
    }),
    decisions,
    costS,
    rounds,
    insertions,
  };
}

/** What is told now and what nobody takes; all, or nothing, where the settings say so. */
function askedAbout(
  { settings, deliveries, n }: Model,
  changes: readonly RouteChange[],
  nobody: readonly number[],
): number[] {
  if (settings.explain === 'none') return [];
  const told = new Set(changes.flatMap((change) => change.told.map(({ deliveryId }) => deliveryId)));
  const without = new Set(nobody);
  const which: number[] = [];
  for (let i = 0; i < n; i += 1) {
    if (settings.explain === 'all' || told.has(deliveries[i]!.id) || without.has(i)) which.push(i);
  }
  return which;
}
