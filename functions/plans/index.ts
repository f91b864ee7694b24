import type { ServiceDeps } from '#shared/composition/deps.ts';
import { planQuestion } from '#shared/contract/plans.ts';
import { answerPlanQuestion } from '#shared/flows/plan-question.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';

/** 300 deliveries and 150 drivers, with all that can be said of them, and room to spare. */
const BODY_LIMIT = 1024 * 1024;

const postPlan = endpoint({
  method: 'POST',
  path: '/v1/plans',
  auth: ['shop:read'],
  body: planQuestion,
  bodyLimit: BODY_LIMIT,
  handle: async ({ principal, body }, deps: ServiceDeps) => {
    const shop = await deps.shops.byId(principal.shopId);
    if (shop === null) throw new Problem('not_found');
    return { status: 200, body: answerPlanQuestion(shop, body) };
  },
});

export const endpoints = [postPlan];
