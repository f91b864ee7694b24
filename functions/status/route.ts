import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { driverId } from '#shared/contract/nouns.ts';
import { routeChange } from '#shared/contract/routes.ts';
import { arrangeRoute, readRoute } from '#shared/flows/routes.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';

const ofDriver = v.object({ id: driverId });

const getRoute = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id/route',
  auth: ['driver', 'shop:read'],
  params: ofDriver,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    if (principal.kind === 'driver' && principal.driverId !== params.id) throw new Problem('not_found');
    const route = await readRoute(deps, principal.shopId, params.id);
    if (route === null) throw new Problem('not_found');
    return { status: 200, body: route };
  },
});

const putRoute = endpoint({
  method: 'PUT',
  path: '/v1/drivers/:id/route',
  auth: ['driver', 'shop:dispatch'],
  params: ofDriver,
  body: routeChange,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body } = input;
    const isDriver = principal.kind === 'driver';
    if (isDriver && principal.driverId !== params.id) throw new Problem('not_found');
    const caller = callerOf(input);
    const by = { shopId: principal.shopId, driverId: params.id, isDriver };
    const { result, headers } = settled(await arrangeRoute(deps, caller, by, body, deps.clock.nowMs()));
    switch (result.outcome) {
      case 'arranged':
        return reply(caller, 200, result.route, headers);
      case 'route_changed':
        throw new Problem('route_changed', `It is version ${result.route.version} now: see route`, {
          extra: { route: result.route },
        });
      case 'illegal': {
        const { pointer, detail } = result;
        throw new Problem('illegal_route', undefined, { extra: { errors: [{ pointer, detail }] } });
      }
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

export const routes = [getRoute, putRoute];
