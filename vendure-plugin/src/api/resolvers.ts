import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
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
import { type DispatchHealth, HealthCheck } from '../deliveries/health-check';
import { Reconciler } from '../deliveries/reconciler';
import { type Answer, type Delivery, DispatchClient } from '../dispatch/dispatch-client';
import { changeTo } from '../dispatch/messages';
import { DeliveryRequests } from '../orders/delivery-requests';
import { DriverFulfillments } from '../orders/fulfillments';
import { ENDED } from '../orders/order-listener';
import { manageDeliveries } from './permission';

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
    const { driverPhone, deliveryRef, deliveryId, deliveryError, proof, failureCode, failureNote } =
      fulfillment.customFields;
    const { status } = view;
    return {
      ...view,
      driverPhone,
      reference: deliveryRef,
      deliveryId,
      error: deliveryError,
      proof,
      photoUrl: photoIn(proof),
      failureCode,
      failureNote,
      canReturn: deliveryId !== null && status === 'FAILED',
      canReassign: deliveryId !== null && (status === 'PENDING' || status === 'ASSIGNED'),
      canRetry:
        (deliveryId === null || status === 'FAILED') &&
        (fulfillment.state === 'Pending' || fulfillment.state === 'Shipped'),
    };
  }
}

@Resolver()
export class DeliveryAdminResolver {
  constructor(
    private readonly fulfillments: DriverFulfillments,
    private readonly requests: DeliveryRequests,
    private readonly client: DispatchClient,
    private readonly reconciler: Reconciler,
    private readonly checker: HealthCheck,
  ) {}

  @Mutation()
  @Allow(Permission.UpdateOrder, manageDeliveries.Permission)
  async reassignDriverDelivery(
    @Ctx() ctx: RequestContext,
    @Args() { fulfillmentId }: { fulfillmentId: ID },
  ): Promise<Fulfillment> {
    const { fulfillment } = await this.owned(ctx, fulfillmentId);
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
    const after = found(await this.client.delivery(deliveryId));
    await this.reconciler.catchUp(fulfillment, after);
    if (before.status === 'PENDING' && after.status === 'PENDING') throw new UserInputError(whyWaiting(after));
    return (await this.owned(ctx, fulfillmentId)).fulfillment;
  }

  @Mutation()
  @Allow(Permission.UpdateOrder, manageDeliveries.Permission)
  async retryDriverDelivery(
    @Ctx() ctx: RequestContext,
    @Args() { fulfillmentId }: { fulfillmentId: ID },
  ): Promise<Fulfillment> {
    const { fulfillment, order } = await this.owned(ctx, fulfillmentId);
    const { deliveryId, deliveryStatus } = fulfillment.customFields;
    if (deliveryStatus === 'FAILED' && deliveryId !== null) {
      const { changeable, remember } = await this.requests.changeable(ctx, order, fulfillment);
      found(await this.client.redeliver(deliveryId, changeTo(changeable)));
      await this.fulfillments.save(ctx, fulfillment, remember);
      return this.caughtUp(ctx, fulfillmentId, deliveryId);
    }
    if ((ENDED as readonly (string | null)[]).includes(deliveryStatus)) {
      throw new UserInputError(`Delivery ${fulfillment.customFields.deliveryRef} has ended`);
    }
    await this.reconciler.resend(fulfillment.id, order);
    return (await this.owned(ctx, fulfillmentId)).fulfillment;
  }

  @Mutation()
  @Allow(Permission.UpdateOrder, manageDeliveries.Permission)
  async returnDriverDelivery(
    @Ctx() ctx: RequestContext,
    @Args() { fulfillmentId }: { fulfillmentId: ID },
  ): Promise<Fulfillment> {
    const { fulfillment } = await this.owned(ctx, fulfillmentId);
    const { deliveryId, deliveryStatus, deliveryRef } = fulfillment.customFields;
    if (deliveryStatus !== 'FAILED' || deliveryId === null)
      throw new UserInputError(`Delivery ${deliveryRef} has not failed: there is nothing to be returned`);
    found(await this.client.move(deliveryId, 'RETURNED', 'Returned, as the shop says'));
    return this.caughtUp(ctx, fulfillmentId, deliveryId);
  }

  @Query()
  @Allow(Permission.ReadOrder, manageDeliveries.Permission)
  driverDispatchHealth(): Promise<DispatchHealth> {
    return this.checker.check();
  }

  /** What was done at the service is shown at once, and not when its event has come. */
  private async caughtUp(ctx: RequestContext, fulfillmentId: ID, deliveryId: string): Promise<Fulfillment> {
    const { fulfillment } = await this.owned(ctx, fulfillmentId);
    await this.reconciler.catchUp(fulfillment, found(await this.client.delivery(deliveryId)));
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

/** What somebody who asks for another driver is told where there is none. */
function whyWaiting({ dispatch, sellerOrderId }: Delivery): string {
  const why =
    dispatch === 'needs_location'
      ? 'it has no coordinates: set them first'
      : 'no driver is free within range; it is given to the first who is';
  return `Delivery ${sellerOrderId} still waits: ${why}`;
}

/** A web address, since it becomes a link. */
function photoIn(proof: string | null): string | null {
  const { photoUrl } = JSON.parse(proof ?? '{}') as { photoUrl?: unknown };
  return typeof photoUrl === 'string' && /^https?:\/\//.test(photoUrl) ? photoUrl : null;
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
