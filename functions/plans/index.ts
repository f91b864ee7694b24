import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { planQuestion } from '#shared/contract/plans.ts';
import { answerPlanQuestion } from '#shared/flows/plan-question.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { openBatch } from '#shared/runtime/batch.ts';

/** 300 deliveries and 150 drivers, with all that can be said of them, and room to spare. */
const BODY_LIMIT = 1024 * 1024;
/** A request has 3 s; what has not begun by then is refused. */
const WAIT_MS = 1_500;
/** For each millisecond that a plan had the processor: with the usual quota a key may have a fifth of one. */
const POINTS_PER_MS = 5;

type Asked = Parameters<typeof answerPlanQuestion>;
interface Answered {
  view: ReturnType<typeof answerPlanQuestion>;
  ms: number;
}

/**
 * One at a time in this process, shop after shop, each after a rest as long as the one before it took: while a plan is
 * made nobody else is answered.
 */
const plans = openPlans();

function openPlans() {
  let restUntilMs = 0;
  return openBatch<Asked, Answered>({
    mode: 'one_at_a_time',
    most: 1,
    atOnce: 1,
    deadline: { waitMs: WAIT_MS, late: () => new Problem('unavailable', 'Too many plans are asked for') },
    run: async (_shopId, questions) => {
      await pause(Math.max(0, restUntilMs - performance.now()));
      const beganMs = performance.now();
      try {
        return questions.map((asked) => {
          const view = answerPlanQuestion(...asked);
          return { view, ms: performance.now() - beganMs };
        });
      } finally {
        const endedMs = performance.now();
        restUntilMs = endedMs + (endedMs - beganMs);
      }
    },
  });
}

const postPlan = endpoint({
  method: 'POST',
  path: '/v1/plans',
  auth: ['shop:read'],
  keepsNothing: true,
  body: planQuestion,
  bodyLimit: BODY_LIMIT,
  handle: async ({ principal, body }, deps: ServiceDeps) => {
    const shop = await deps.shops.byId(principal.shopId);
    if (shop === null) throw new Problem('not_found');
    const { view, ms } = await plans.add(shop.id, [shop, body]);
    // What it cost is known now.
    deps.limits?.spend(principal, Math.ceil(ms * POINTS_PER_MS), 'anyway');
    return { status: 200, body: view };
  },
});

export const endpoints = [postPlan];
