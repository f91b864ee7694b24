import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import { hold } from '#shared/contract/routes.ts';
import { allowedNext, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { holdDelivery, releaseDelivery } from '#shared/flows/hold-delivery.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { deliveryView } from '#shared/mappers/views.ts';

const ofDelivery = v.object({ id: deliveryId });

type Held = Awaited<ReturnType<typeof holdDelivery>>;

function answer(caller: ReturnType<typeof callerOf>, ran: Held) {
  const { result, headers } = settled(ran);
  switch (result.outcome) {
    case 'held':
    case 'released':
    case 'unchanged':
      return reply(caller, 200, deliveryView(result.delivery), headers);
    case 'not_pending': {
      const status = result.delivery.status as DeliveryStatus;
      const first = status === 'ASSIGNED' ? '; unassign it first' : '';
      throw new Problem('delivery_not_pending', `It is ${status}${first}`, {
        extra: { deliveryStatus: status, allowed: allowedNext(status) },
      });
    }
    case 'too_late':
      throw new Problem('time_past', 'Nothing can be held until then', {
        extra: { errors: [{ pointer: '/until', detail: 'is not in the future' }] },
      });
    case 'not_found':
      throw new Problem('not_found');
  }
}

const postHold = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/hold',
  auth: ['shop:dispatch'],
  params: ofDelivery,
  body: v.optional(hold, {}),
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, deliveryId: input.params.id };
    return answer(caller, await holdDelivery(deps, caller, which, input.body));
  },
});

const postRelease = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/release',
  auth: ['shop:dispatch'],
  params: ofDelivery,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, deliveryId: input.params.id };
    return answer(caller, await releaseDelivery(deps, caller, which));
  },
});

export const holds = [postHold, postRelease];
