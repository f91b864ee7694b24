import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { instructions, rating } from '#shared/contract/customer.ts';
import { trackingToken } from '#shared/contract/tracking.ts';
import { leaveInstructions, rateDelivery } from '#shared/flows/customer.ts';
import { trackByToken } from '#shared/flows/tracking.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { assertWithin } from '#shared/http/limits.ts';
import { Problem } from '#shared/http/problem.ts';

const byToken = v.object({ token: trackingToken });

async function found(token: string, deps: ServiceDeps) {
  const tracked = await trackByToken(deps, token);
  if (tracked === null) throw new Problem('not_found', 'This link is not valid, or no longer');
  return tracked;
}

/** The delivery of a tracking link, which is the only proof there is of who may change something of it. */
async function mayChange(token: string, deps: ServiceDeps) {
  assertWithin(deps.limits?.spendLink(deps.links.deliveryOf(token)) ?? null);
  const { delivery } = await found(token, deps);
  assertWithin(deps.limits?.spendCustomer(delivery.shopId, delivery.id) ?? null);
  return delivery;
}

const putInstructions = endpoint({
  method: 'PUT',
  path: '/v1/track/:token/instructions',
  auth: 'none',
  params: byToken,
  body: instructions,
  handle: async ({ params, body, requestId, traceparent }, deps: ServiceDeps) => {
    const delivery = await mayChange(params.token, deps);
    switch (await leaveInstructions(deps, { requestId, traceparent }, delivery, body)) {
      case 'done':
        return { status: 200, body: (await found(params.token, deps)).view };
      case 'too_late':
        throw new Problem('too_late', 'It is not on its way any more');
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const putRating = endpoint({
  method: 'PUT',
  path: '/v1/track/:token/rating',
  auth: 'none',
  params: byToken,
  body: rating,
  handle: async ({ params, body, requestId, traceparent }, deps: ServiceDeps) => {
    const delivery = await mayChange(params.token, deps);
    switch (await rateDelivery(deps, { requestId, traceparent }, delivery, body)) {
      case 'done':
        return { status: 200, body: (await found(params.token, deps)).view };
      case 'not_delivered':
        throw new Problem('conflict_state', 'It has not been handed over');
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

export const customerEndpoints = [putInstructions, putRating];
