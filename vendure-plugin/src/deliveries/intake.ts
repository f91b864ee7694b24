import { Injectable } from '@nestjs/common';
import { type RequestContext, TransactionalConnection } from '@vendure/core';
import { DriverFulfillments } from '../orders/fulfillments';
import { type Applied, DeliveryDesk } from './delivery-desk';
import type { ServiceEvent } from './news';

/** Rolls the transaction back. */
class NotApplied extends Error {
  constructor(readonly why: 'conflict' | 'refused') {
    super(why);
  }
}

/** What the service has said of a delivery, into the fulfillment that it belongs to. */
@Injectable()
export class NewsIntake {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly fulfillments: DriverFulfillments,
    private readonly desk: DeliveryDesk,
  ) {}

  /**
   * @param first is done in the same transaction, and undone where the news are not taken
   * @returns null: there is no such fulfillment
   */
  async take(event: ServiceEvent, first?: (ctx: RequestContext) => Promise<unknown>): Promise<Applied | null> {
    const outside = await this.fulfillments.contextFor();
    const known = await this.fulfillments.find(outside, { deliveryRef: event.sellerOrderId });
    const found = known === null ? null : await this.fulfillments.orderOf(outside, known.id);
    if (known === null || found === null) return null;
    const ctx = await this.fulfillments.contextFor(found);
    try {
      return await this.connection.withTransaction(ctx, async (tx) => {
        await first?.(tx);
        // Two events at once: who comes second sees what the first has stored, and drops what is older.
        await this.fulfillments.lock(tx, known.id);
        const fulfillment = await this.fulfillments.find(tx, { id: known.id });
        const order = await this.fulfillments.order(tx, found.id);
        if (fulfillment === null || order === null) throw new Error('The fulfillment is gone');
        const applied = await this.desk.apply(tx, fulfillment, order, event);
        if (applied === 'conflict' || applied === 'refused') throw new NotApplied(applied);
        return applied;
      });
    } catch (error) {
      if (error instanceof NotApplied) return error.why;
      throw error;
    }
  }
}
