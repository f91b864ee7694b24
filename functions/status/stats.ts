import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { time } from '#shared/contract/nouns.ts';
import { statsSince } from '#shared/flows/stats.ts';
import { endpoint } from '#shared/http/endpoint.ts';

/** How the shop's deliveries have gone since a moment of the caller's choice. */
export const getNumbers = endpoint({
  method: 'GET',
  path: '/v1/numbers',
  auth: ['shop:read'],
  query: v.object({ since: time }),
  handle: async ({ principal, query }, deps: ServiceDeps) => ({
    status: 200,
    body: await statsSince(deps, principal.shopId, query.since),
  }),
});
