import { Inject, Injectable } from '@nestjs/common';
import {
  type Fulfillment,
  FulfillmentService,
  type FulfillmentState,
  type ID,
  idsAreEqual,
  isGraphQlErrorResult,
  type Order,
  OrderService,
  type RequestContext,
  TransactionalConnection,
} from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE } from '../constants';
import type { ResolvedOptions } from '../options';
import { dueAtTheDoor, isComplete, unsettled } from '../orders/cash';
import { DriverFulfillments } from '../orders/fulfillments';
import { CHANGING } from '../orders/order-listener';
import { NotApplied } from './not-applied';
import { refusalNote } from './notes';

const LESS_COLLECTED =
  'Less was collected at the door than the payment says, since the order costs less by now. It is settled as a whole: do not give the rest back to the customer, who never paid it.';

/** Brings fulfillments, and what is paid at the door, to where their deliveries are known to be. */
@Injectable()
export class FulfillmentFollower {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly fulfillments: DriverFulfillments,
    private readonly fulfillmentService: FulfillmentService,
    private readonly orderService: OrderService,
  ) {}

  /**
   * What the deliveries of an order did while the order was being changed. What Vendure does not allow is noted for
   * administrators, and tried again by the reconciliation.
   */
  async followAll(orderId: ID): Promise<void> {
    const outside = await this.fulfillments.contextFor();
    const known = await this.fulfillments.ofOrder(outside, orderId);
    const moved = known.filter(({ customFields: { deliveryStatus } }) => (deliveryStatus ?? 'PENDING') !== 'PENDING');
    if (moved.length === 0) return;
    const found = await this.fulfillments.order(outside, orderId);
    if (found === null) return;
    const ctx = await this.fulfillments.contextFor(found);
    for (const fulfillment of moved) await this.followOne(ctx, orderId, fulfillment);
  }

  /** In a transaction of its own: one that is refused keeps back no other parcel of the order. */
  private async followOne(outside: RequestContext, orderId: ID, { id, customFields }: Fulfillment): Promise<void> {
    try {
      await this.connection.withTransaction(outside, async (ctx) => {
        await this.fulfillments.lock(ctx, id);
        const fulfillment = await this.fulfillments.find(ctx, { id });
        const order = await this.fulfillments.order(ctx, orderId);
        if (fulfillment !== null && order !== null) await this.follow(ctx, fulfillment, order);
      });
    } catch (error) {
      if (!(error instanceof NotApplied)) throw error;
      const { deliveryRef, deliveryStatus } = customFields;
      const note = refusalNote(deliveryRef ?? '', deliveryStatus ?? '', error.message);
      await this.fulfillments.noteOnce(outside, orderId, note);
    }
  }

  /**
   * Brings a fulfillment to where its delivery is known to be. While the order is being changed the driver goes on, and the
   * fulfillment waits. A failed delivery leaves it as it is: whether it is tried again or comes back is not known yet.
   * @throws NotApplied where Vendure does not let it: the transaction is to be rolled back
   */
  async follow(ctx: RequestContext, fulfillment: Fulfillment, order: Order): Promise<void> {
    const refusal = CHANGING.includes(order.state) ? null : await this.refusalOf(ctx, fulfillment, order);
    if (refusal !== null) throw new NotApplied('refused', refusal);
  }

  /** @returns why Vendure does not let it, or null */
  private async refusalOf(ctx: RequestContext, fulfillment: Fulfillment, order: Order): Promise<string | null> {
    switch (fulfillment.customFields.deliveryStatus) {
      case 'PICKED_UP':
      case 'IN_TRANSIT':
        return fulfillment.state === 'Pending' ? this.transition(ctx, fulfillment, 'Shipped') : null;
      case 'DELIVERED': {
        if (fulfillment.state !== 'Pending' && fulfillment.state !== 'Shipped') return null;
        // First the money: from `PaymentAuthorized` Vendure moves no order to `Delivered`.
        const unpaid = await this.settle(ctx, order, fulfillment);
        return unpaid ?? this.transition(ctx, fulfillment, 'Delivered');
      }
      // An administrator who has shipped it by hand wins over the cancellation that this makes of a delivery without driver.
      case 'CANCELLED':
        return fulfillment.state === 'Pending' ? this.transition(ctx, fulfillment, 'Cancelled') : null;
      case 'RETURNED':
        // Vendure would also cancel a delivered fulfillment.
        return fulfillment.state === 'Pending' || fulfillment.state === 'Shipped'
          ? this.transition(ctx, fulfillment, 'Cancelled')
          : null;
      default:
        return null;
    }
  }

  private async transition(
    ctx: RequestContext,
    fulfillment: Fulfillment,
    to: FulfillmentState,
  ): Promise<string | null> {
    const result = await this.fulfillmentService.transitionToState(ctx, fulfillment.id, to);
    if (isGraphQlErrorResult(result)) return result.transitionError;
    fulfillment.state = to;
    return null;
  }

  /**
   * Cash on delivery: paid at the door means settled, once the last parcel of ours is handed over. A payment is settled as
   * a whole, as Vendure knows no other way; where less was to be collected administrators are told.
   * @returns why it could not be, or null
   */
  private async settle(ctx: RequestContext, order: Order, fulfillment: Fulfillment): Promise<string | null> {
    const due = unsettled(order, this.options);
    if (due.length === 0) return null;
    const others = (await this.fulfillments.allOf(ctx, order.id)).filter(({ id }) => !idsAreEqual(id, fulfillment.id));
    // What goes by post nobody pays for at a door.
    const done = others.filter(({ state, handlerCode }) =>
      handlerCode === HANDLER_CODE ? state === 'Delivered' : state !== 'Cancelled',
    );
    if (!isComplete(order, [...done, fulfillment])) return null;
    const isLess = dueAtTheDoor(order, this.options) < due.reduce((sum, { amount }) => sum + amount, 0);
    for (const payment of due) {
      const result = await this.orderService.settlePayment(ctx, payment.id);
      if (isGraphQlErrorResult(result)) return reasonIn(result);
    }
    if (isLess) await this.fulfillments.note(ctx, order.id, LESS_COLLECTED, false);
    return null;
  }
}

/** In the words of the payment's handler, or of the state machine, where they have said something. */
function reasonIn(refusal: { message: string; paymentErrorMessage?: string; transitionError?: string }): string {
  return refusal.paymentErrorMessage || refusal.transitionError || refusal.message;
}
