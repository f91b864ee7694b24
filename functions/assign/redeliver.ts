import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { redelivery } from '#shared/contract/deliveries.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import { allowedNext, type DeliveryStatus, REDELIVERED_FROM } from '#shared/domain/delivery.ts';
import { redeliverDelivery } from '#shared/flows/redeliver-delivery.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { deliveryView } from '#shared/mappers/views.ts';
import { tooLate } from './too-late.ts';

/** Another attempt of what did not arrive, from where its parcel is. */
export const postRedeliver = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/redeliver',
  auth: ['shop:dispatch'],
  params: v.object({ id: deliveryId }),
  body: v.optional(redelivery, {}),
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shop_id: input.principal.shopId, delivery_id: input.params.id, order_ref: null };
    const { result, headers } = settled(await redeliverDelivery(deps, caller, which, input.body, { relocates: true }));
    switch (result.outcome) {
      case 'redelivered':
        return reply(caller, 200, deliveryView(result.delivery), headers);
      case 'too_late':
        throw tooLate(result);
      case 'illegal': {
        const status = result.delivery.status as DeliveryStatus;
        const isOver = (REDELIVERED_FROM as readonly string[]).includes(status);
        const why = isOver ? 'and nothing is known of where it was to go' : `not ${REDELIVERED_FROM.join(', ')}`;
        throw new Problem('conflict_state', `It is ${status}, ${why}: there is no other attempt`, {
          extra: { deliveryStatus: status, allowed: allowedNext(status) },
        });
      }
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});
