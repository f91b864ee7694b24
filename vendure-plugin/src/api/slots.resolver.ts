import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import {
  ActiveOrderService,
  Allow,
  Ctx,
  type ID,
  Order,
  Permission,
  RequestContext,
  Transaction,
  TransactionalConnection,
  UserInputError,
} from '@vendure/core';
import { lockWindows } from '../orders/order-lock';
import { DeliverySlots } from '../shipping/slots';
import type { Slot } from '../shipping/windows';

/** For the checkout: when, and not only how. */
@Resolver()
export class SlotsShopResolver {
  constructor(
    private readonly slots: DeliverySlots,
    private readonly activeOrders: ActiveOrderService,
    private readonly connection: TransactionalConnection,
  ) {}

  @Query()
  @Allow(Permission.Public)
  deliverySlots(@Ctx() ctx: RequestContext, @Args() { shippingMethodId }: { shippingMethodId: ID }): Promise<Slot[]> {
    return this.slots.free(ctx, shippingMethodId);
  }

  @Transaction()
  @Mutation()
  @Allow(Permission.UpdateOrder, Permission.Owner)
  async setDeliverySlot(@Ctx() ctx: RequestContext, @Args() { after }: { after?: Date | null }): Promise<Order> {
    await lockWindows(this.connection, ctx);
    const active = await this.activeOrders.getActiveOrder(ctx, undefined);
    if (active === undefined) throw new UserInputError('There is no active order');
    const orders = this.connection.getRepository(ctx, Order);
    const order = await orders.findOneOrFail({ where: { id: active.id }, relations: ['shippingLines'] });
    const slot = !after ? null : await this.slotOf(ctx, order, after);
    const customFields = { deliveryAfter: slot?.after ?? null, deliveryBefore: slot?.before ?? null };
    await orders.update(order.id, { customFields, updatedAt: new Date() });
    return orders.findOneOrFail({ where: { id: order.id } });
  }

  private async slotOf(ctx: RequestContext, { id, shippingLines }: Order, after: Date): Promise<Slot> {
    for (const { shippingMethodId } of shippingLines) {
      if (shippingMethodId === undefined || shippingMethodId === null) continue;
      const free = await this.slots.free(ctx, shippingMethodId, new Date(), id);
      const slot = free.find((each) => each.after.getTime() === new Date(after).getTime());
      if (slot !== undefined) return slot;
    }
    throw new UserInputError('This window is not free: choose one of deliverySlots, after the shipping method');
  }
}
