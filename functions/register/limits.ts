import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { callerLimits } from '#shared/contract/caller-limits.ts';
import { shopId } from '#shared/contract/nouns.ts';
import { changeLimits, readShop } from '#shared/flows/shops.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';

const ofShop = v.object({ id: shopId });

const getLimits = endpoint({
  method: 'GET',
  path: '/v1/shops/:id/limits',
  auth: ['operator', 'shop:read'],
  params: ofShop,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    if (principal.kind === 'shop' && principal.shopId !== params.id) throw new Problem('not_found');
    const shop = await readShop(deps, params.id);
    if (shop === null) throw new Problem('not_found');
    return { status: 200, body: shop.limits };
  },
});

const putLimits = endpoint({
  method: 'PUT',
  path: '/v1/shops/:id/limits',
  auth: ['operator'],
  params: ofShop,
  body: callerLimits,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const { result, headers } = settled(await changeLimits(deps, caller, input.params.id, input.body));
    switch (result.outcome) {
      case 'set':
        return reply(caller, 200, result.shop.limits, headers);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

export const limitEndpoints = [getLimits, putLimits];
