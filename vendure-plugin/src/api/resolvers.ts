import { Args, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import {
  Allow,
  Ctx,
  EntityNotFoundError,
  type Fulfillment,
  type ID,
  idsAreEqual,
  type Order,
  Permission,
  type RequestContext,
  UserInputError,
} from '@vendure/core';
import { HANDLER_CODE } from '../constants';
import { Reconciler } from '../deliveries/reconciler';
import { type Answer, type Delivery, DispatchClient } from '../dispatch/dispatch-client';
import { DriverFulfillments } from '../orders/fulfillments';
import { ENDED } from '../orders/order-listener';

@Resolver('Fulfillment')
export class FulfillmentShopResolver {
  @ResolveField()
  delivery(@Parent() fulfillment: Fulfillment) {
    return viewOf(fulfillment);
  }
}

@Resolver('Fulfillment')
export class FulfillmentAdminResolver {
  @ResolveField()
  delivery(@Parent() fulfillment: Fulfillment) {
    const view = viewOf(fulfillment);
    if (view === null) return null;
    const { driverPhone, deliveryRef, deliveryId, deliveryError, proof } = fulfillment.customFields;
    const { status } = view;
    return {
      ...view,
      driverPhone,
      reference: deliveryRef,
      deliveryId,
      error: deliveryError,
      proof,
      canReassign: deliveryId !== null && (status === 'PENDING' || status === 'ASSIGNED'),
      canRetry: deliveryId === null && (fulfillment.state === 'Pending' || fulfillment.state === 'Shipped'),
    };
  }
}

@Resolver()
export class DeliveryAdminResolver {
  constructor(
    private readonly fulfillments: DriverFulfillments,
    private readonly client: DispatchClient,
    private readonly reconciler: Reconciler,
  ) {}

  @Mutation()
  @Allow(Permission.UpdateOrder)
  async reassignDriverDelivery(
    @Ctx() ctx: RequestContext,
    @Args() { fulfillmentId }: { fulfillmentId: ID },
  ): Promise<Fulfillment> {
    const { fulfillment, order } = await this.owned(ctx, fulfillmentId);
    const { deliveryId, deliveryRef } = fulfillment.customFields;
    if (deliveryId === null)
      throw new UserInputError(`Delivery ${deliveryRef} has not reached the service yet: retry it instead`);
    const before = found(await this.client.delivery(deliveryId));
    // Unassigned, it is searched for at once, without the driver who had it.
    found(
      before.status === 'ASSIGNED'
        ? await this.client.unassign(deliveryId)
        : await this.client.assignNearest(deliveryId),
    );
    await this.reconciler.catchUp(fulfillment, order, found(await this.client.delivery(deliveryId)));
    return (await this.owned(ctx, fulfillmentId)).fulfillment;
  }

  @Mutation()
  @Allow(Permission.UpdateOrder)
  async retryDriverDelivery(
    @Ctx() ctx: RequestContext,
    @Args() { fulfillmentId }: { fulfillmentId: ID },
  ): Promise<Fulfillment> {
    const { fulfillment, order } = await this.owned(ctx, fulfillmentId);
    if ((ENDED as readonly (string | null)[]).includes(fulfillment.customFields.deliveryStatus)) {
      throw new UserInputError(`Delivery ${fulfillment.customFields.deliveryRef} has ended`);
    }
    await this.reconciler.resend(fulfillment.id, order);
    return (await this.owned(ctx, fulfillmentId)).fulfillment;
  }

  /** A fulfillment is in no channel: its order is what an administrator must have access to. */
  private async owned(ctx: RequestContext, id: ID): Promise<{ fulfillment: Fulfillment; order: Order }> {
    const [fulfillment, order] = [await this.fulfillments.find(ctx, { id }), await this.fulfillments.orderOf(ctx, id)];
    if (!fulfillment || !order?.channels.some((channel) => idsAreEqual(channel.id, ctx.channelId))) {
      throw new EntityNotFoundError('Fulfillment', id);
    }
    return { fulfillment, order };
  }
}

function found(answer: Answer<Delivery>): Delivery {
  if (answer.body !== null) return answer.body;
  throw new UserInputError(`The dispatch service says: ${answer.detail ?? `status ${answer.status}`}`);
}

function viewOf({ handlerCode, state, customFields }: Fulfillment) {
  if (handlerCode !== HANDLER_CODE) return null;
  const { deliveryStatus, driverName, eta, trackingUrl } = customFields;
  return {
    status: deliveryStatus ?? (state === 'Cancelled' ? 'CANCELLED' : 'REQUESTED'),
    driverName,
    eta,
    trackingUrl,
  };
}
