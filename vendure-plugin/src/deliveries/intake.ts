import { Injectable } from '@nestjs/common';
import { Logger, type RequestContext, TransactionalConnection } from '@vendure/core';
import { loggerCtx } from '../constants';
import { DriverFulfillments } from '../orders/fulfillments';
import { type Applied, DeliveryDesk } from './delivery-desk';
import type { ServiceEvent } from './news';
import { NotApplied } from './not-applied';
import { refusalNote } from './notes';

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
   * @returns null: there is no such fulfillment; why, where nothing was taken (administrators are told of a refusal)
   */
  async take(
    event: ServiceEvent,
    first?: (ctx: RequestContext) => Promise<unknown>,
  ): Promise<Applied | NotApplied['why'] | null> {
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
        return this.desk.apply(tx, fulfillment, order, event);
      });
    } catch (error) {
      if (!(error instanceof NotApplied)) throw error;
      const { kind, sellerOrderId, status } = event;
      Logger.warn(`${kind} of ${sellerOrderId} cannot be applied: ${error.message}`, loggerCtx);
      if (error.why === 'refused')
        await this.fulfillments.noteOnce(ctx, found.id, refusalNote(sellerOrderId, status, error.message));
      return error.why;
    }
  }
}
