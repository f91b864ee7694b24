import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { pincodeChange } from '#shared/contract/deliveries.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import { allowedNext, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { setPincode } from '#shared/flows/deliveries.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { deliveryView } from '#shared/mappers/views.ts';

/** What a recipient who has lost the code, or a driver who has guessed too often, rings the shop for. */
export const putPincode = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/pincode',
  auth: ['shop:dispatch'],
  params: v.object({ id: deliveryId }),
  body: pincodeChange,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, deliveryId: input.params.id };
    const { result, headers } = settled(await setPincode(deps, caller, which, input.body.pincode));
    switch (result.outcome) {
      case 'set':
        return reply(caller, 200, deliveryView(result.delivery), headers);
      case 'ended': {
        const status = result.delivery.status as DeliveryStatus;
        throw new Problem('conflict_state', `It is ${status}`, {
          extra: { deliveryStatus: status, allowed: allowedNext(status) },
        });
      }
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});
