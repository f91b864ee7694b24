import { Injectable } from '@nestjs/common';
import {
  type Fulfillment,
  FulfillmentLine,
  idsAreEqual,
  OrderLine,
  type RequestContext,
  StockMovementService,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';

/**
 * Vendure books all goods of a cancelled fulfillment back and allocates them for the next one. `cancelOrder` has booked
 * its items back before that, and nobody waits for them: without this each cancelled order would leave one piece too many
 * on hand, and one allocated for ever.
 */
@Injectable()
export class StockCorrection {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly stockMovements: StockMovementService,
  ) {}

  /** Call once, in the transaction that cancels the fulfillment, after Vendure has booked. */
  async afterCancelling(ctx: RequestContext, { lines }: Fulfillment): Promise<void> {
    const ids = lines.map((line) => line.orderLineId);
    const ordered = await this.connection.getRepository(ctx, OrderLine).find({ where: { id: In(ids) } });
    const others = await this.connection
      .getRepository(ctx, FulfillmentLine)
      .createQueryBuilder('line')
      .innerJoin('line.fulfillment', 'fulfillment', `fulfillment.state <> 'Cancelled'`)
      .where('line.orderLineId IN (:...ids)', { ids })
      .getMany();
    const needless = lines.flatMap(({ orderLineId, quantity }) => {
      const wanted = ordered.find((line) => idsAreEqual(line.id, orderLineId))?.quantity ?? 0;
      const elsewhere = others
        .filter((line) => idsAreEqual(line.orderLineId, orderLineId))
        .reduce((sum, line) => sum + line.quantity, 0);
      const excess = quantity - Math.max(0, Math.min(quantity, wanted - elsewhere));
      return excess > 0 ? [{ orderLineId, quantity: excess }] : [];
    });
    // A sale undoes both: as much less on hand, and as much less allocated.
    if (needless.length > 0) await this.stockMovements.createSalesForOrder(ctx, needless);
  }
}
