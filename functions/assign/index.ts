import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { assignment, cancellation, deliveryChange, newDelivery, unassignment } from '#shared/contract/deliveries.ts';
import { deliveryId } from '#shared/contract/nouns.ts';
import type { BestResult } from '#shared/dispatch/dispatch.ts';
import type { CommandResult } from '#shared/domain/command.ts';
import { allowedNext, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { assignNamed, type NamedResult, whyRefused } from '#shared/flows/assign-named.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { changeDelivery } from '#shared/flows/deliveries.ts';
import { cancelDelivery, unassignDelivery } from '#shared/flows/move-delivery.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { asGivenUp } from '#shared/mappers/seen-by-driver.ts';
import { deliveryView } from '#shared/mappers/views.ts';
import { holds } from './hold.ts';
import { offers } from './offers.ts';
import { putPincode } from './pincode.ts';
import { postRedeliver } from './redeliver.ts';
import { tooLate } from './too-late.ts';

const ofDelivery = v.object({ id: deliveryId });

const postDelivery = endpoint({
  method: 'POST',
  path: '/v1/deliveries',
  auth: ['shop:dispatch'],
  body: newDelivery,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const shop = await deps.shops.byId(input.principal.shopId);
    if (shop === null) throw new Problem('not_found');
    const { result, headers } = settled(await createDelivery(deps, caller, shop, input.body));
    const location = { location: `/v1/deliveries/${result.delivery.id}` };
    switch (result.outcome) {
      case 'created':
        return reply(caller, 201, deliveryView(result.delivery), { ...headers, ...location });
      case 'exists':
        return reply(caller, 200, deliveryView(result.delivery), { ...headers, ...location });
    }
  },
});

const postAssign = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/assign',
  auth: ['shop:dispatch'],
  params: ofDelivery,
  body: v.optional(assignment, {}),
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body } = input;
    const caller = callerOf(input);
    const shop = await deps.shops.byId(principal.shopId);
    if (shop === null) throw new Problem('not_found');
    const ran: CommandResult<BestResult | NamedResult> =
      body.driverId === undefined
        ? await deps.dispatch.assignBest(caller, shop, params.id)
        : await assignNamed(deps, caller, shop.id, params.id, { ...body, driverId: body.driverId });
    const { result, headers } = settled(ran);
    switch (result.outcome) {
      case 'assigned':
      case 'unchanged':
        return reply(caller, 200, deliveryView(result.delivery), headers);
      case 'lost':
        return reply(caller, 202, deliveryView(result.delivery), headers);
      case 'refused':
        throw new Problem('driver_unavailable', whyRefused(result.refusals), { extra: { refusals: result.refusals } });
      case 'not_pending':
        throw new Problem('delivery_not_pending', `It is ${result.delivery.status}`, {
          extra: stateOf(result.delivery.status as DeliveryStatus),
        });
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const postUnassign = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/unassign',
  auth: ['shop:dispatch', 'driver'],
  params: ofDelivery,
  body: v.optional(unassignment, {}),
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body } = input;
    const caller = callerOf(input);
    const rejected = principal.kind === 'driver';
    const which = {
      shop_id: principal.shopId,
      delivery_id: params.id,
      order_ref: null,
      driver_id: rejected ? principal.driverId : null,
    };
    const why = {
      reason: body.reason ?? (rejected ? ('DRIVER_REJECTED' as const) : null),
      note: body.note ?? null,
      keepDriver: body.keepDriver && !rejected,
    };
    return moved(caller, settled(await unassignDelivery(deps, caller, which, why)), 'PENDING', principal.kind);
  },
});

const postCancel = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/cancel',
  auth: ['shop:dispatch'],
  params: ofDelivery,
  body: v.optional(cancellation, {}),
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shop_id: input.principal.shopId, delivery_id: input.params.id, order_ref: null, driver_id: null };
    return moved(
      caller,
      settled(await cancelDelivery(deps, caller, which, input.body.note ?? null)),
      'CANCELLED',
      'shop',
    );
  },
});

const patchDelivery = endpoint({
  method: 'PATCH',
  path: '/v1/deliveries/:id',
  auth: ['shop:dispatch'],
  params: ofDelivery,
  body: deliveryChange,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const which = { shopId: input.principal.shopId, deliveryId: input.params.id, orderRef: null };
    const { result, headers } = settled(await changeDelivery(deps, caller, which, input.body));
    switch (result.outcome) {
      case 'changed':
      case 'unchanged':
        return reply(caller, 200, deliveryView(result.delivery), headers);
      case 'too_late':
        throw tooLate(result);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

type Moved =
  Awaited<ReturnType<typeof cancelDelivery>> extends infer R ? (R extends { result: infer X } ? X : never) : never;

function moved(
  caller: ReturnType<typeof callerOf>,
  { result, headers }: { result: Moved; headers: Readonly<Record<string, string>> },
  to: DeliveryStatus,
  seenBy: 'shop' | 'driver',
) {
  switch (result.outcome) {
    case 'moved':
    case 'unchanged':
      return reply(
        caller,
        200,
        deliveryView(seenBy === 'driver' ? asGivenUp(result.delivery) : result.delivery, seenBy),
        headers,
      );
    case 'illegal':
    case 'proof_missing':
    case 'wrong_pincode':
    case 'pincode_missing':
    case 'pincode_locked':
      throw new Problem('conflict_state', `It is ${result.previous}, which cannot become ${to}`, {
        extra: stateOf(result.previous),
      });
    case 'not_found':
      throw new Problem('not_found');
  }
}

function stateOf(status: DeliveryStatus) {
  return { deliveryStatus: status, allowed: allowedNext(status) };
}

export const endpoints = [
  postDelivery,
  postAssign,
  postUnassign,
  postCancel,
  patchDelivery,
  postRedeliver,
  putPincode,
  ...holds,
  ...offers,
];
