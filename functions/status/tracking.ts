import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import { trackingToken } from '#shared/contract/tracking.ts';
import { arrivalOf } from '#shared/flows/arrival.ts';
import { readDelivery } from '#shared/flows/deliveries.ts';
import { trackByToken } from '#shared/flows/tracking.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { assertWithin } from '#shared/http/limits.ts';
import { Problem } from '#shared/http/problem.ts';

const ofDelivery = v.object({ id: deliveryId });

/** What the customer's page shows, by the token of their link. */
export const getTracking = endpoint({
  method: 'GET',
  path: '/v1/track/:token',
  auth: 'none',
  params: v.object({ token: trackingToken }),
  handle: async ({ params }, deps: ServiceDeps) => {
    assertWithin(deps.limits?.spendLink(deps.links.deliveryOf(params.token)) ?? null);
    const tracked = await trackByToken(deps, params.token);
    if (tracked === null) throw new Problem('not_found', 'This link is not valid, or no longer');
    return { status: 200, body: tracked.view };
  },
});

export const getTrackingLink = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id/tracking',
  auth: ['shop:read'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    if ((await readDelivery(deps, principal.shopId, params.id, null)) === null) throw new Problem('not_found');
    return { status: 200, body: { path: `/track/${deps.links.tokenOf(params.id)}`, url: deps.links.urlOf(params.id) } };
  },
});

export const getEta = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id/eta',
  auth: ['shop:read', 'driver'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    const holder = principal.kind === 'driver' ? principal.driverId : null;
    const delivery = (await readDelivery(deps, principal.shopId, params.id, holder))?.delivery;
    if (delivery === undefined) throw new Problem('not_found');
    const arrival = await arrivalOf(deps, delivery, deps.clock.nowMs());
    return { status: 200, body: arrival ?? { etaS: null, source: null } };
  },
});
