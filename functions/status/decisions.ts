import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { deliveryId, page } from '#shared/contract/nouns.ts';
import { readDecisions } from '#shared/flows/decisions.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';

/** Why it was given to whom, or held, or to nobody; newest first. */
export const getDecisions = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id/decisions',
  auth: ['shop:read'],
  params: v.object({ id: deliveryId }),
  query: v.object(page),
  handle: async ({ principal, params, query }, deps: ServiceDeps) => {
    const { cursor: beforeId = null, limit } = query;
    const found = await readDecisions(deps, principal.shopId, params.id, { beforeId, limit });
    if (found === null) throw new Problem('not_found');
    return { status: 200, body: found };
  },
});
