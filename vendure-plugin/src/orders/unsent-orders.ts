import { Inject, Injectable } from '@nestjs/common';
import { FulfillmentLine, type ID, Order, TransactionalConnection } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE } from '../constants';
import type { ResolvedOptions } from '../options';
import { FULFILLABLE } from './auto-fulfiller';

const LOOK_BACK_MS = 14 * 86_400_000;

/** Placed orders that no driver knows all of: lost when a shop was restored, added to, or out of stock. */
@Injectable()
export class UnsentOrders {
  constructor(
    private readonly connection: TransactionalConnection,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** Those of the last 14 days with pieces that were never in a fulfillment, old enough to be no order of this moment. */
  async ids(now: Date, limit: number): Promise<ID[]> {
    if (!this.options.autoFulfill) return [];
    const orders = this.connection.rawConnection.getRepository(Order).createQueryBuilder('o').select('o.id', 'id');
    const inFulfillments = orders
      .subQuery()
      .select('COALESCE(SUM(had.quantity), 0)')
      .from(FulfillmentLine, 'had')
      .where('had.orderLineId = piece.id');
    const found = await orders
      .innerJoin('o.shippingLines', 'line')
      .innerJoin('line.shippingMethod', 'method', 'method.fulfillmentHandlerCode = :code', { code: HANDLER_CODE })
      .innerJoin('o.lines', 'piece', '(piece.shippingLineId = line.id OR piece.shippingLineId IS NULL)')
      .where('o.state IN (:...states)', { states: FULFILLABLE })
      .andWhere('o.type <> :aggregate', { aggregate: 'Aggregate' })
      .andWhere('o.orderPlacedAt > :after', { after: new Date(now.getTime() - LOOK_BACK_MS) })
      .andWhere('o.updatedAt < :before', { before: new Date(now.getTime() - this.options.reconcileAfterMs) })
      .andWhere(`piece.quantity > ${inFulfillments.getQuery()}`)
      .setParameters(inFulfillments.getParameters())
      .groupBy('o.id')
      .limit(limit)
      .getRawMany<{ id: ID }>();
    return found.map(({ id }) => id);
  }
}
