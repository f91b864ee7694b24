import { Inject, Injectable } from '@nestjs/common';
import { FulfillmentLine, type ID, Order, TransactionalConnection } from '@vendure/core';
import { OrderHistoryEntry } from '@vendure/core/dist/entity/history-entry/order-history-entry.entity';
import type { SelectQueryBuilder } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE } from '../constants';
import type { ResolvedOptions } from '../options';
import { FULFILLABLE, WAITS } from './auto-fulfiller';

const LOOK_BACK_MS = 14 * 86_400_000;
/** Vendure lets no order be shipped or delivered of which something was never sent: of old ones these are the few. */
const OPEN = ['PaymentAuthorized', 'PaymentSettled', 'PartiallyShipped', 'PartiallyDelivered'];

const WAITING = `SUM( CASE WHEN parcel.state = 'Cancelled' THEN attempt.quantity ELSE 0 END
  - CASE WHEN parcel.customFields.newAttempt IS NULL THEN 0 ELSE attempt.quantity END )`;
/** `piecesSent` in SQL, of the attempts at one order line: what is under way, and what was cancelled and not taken up. */
const PIECES_SENT = `COALESCE(SUM( CASE WHEN parcel.state = 'Cancelled' THEN 0 ELSE attempt.quantity END ), 0)
  + CASE WHEN ${WAITING} > 0 THEN ${WAITING} ELSE 0 END`;

/** TypeORM knows both by this one parameter, since each shares its table with others of another kind. */
const KINDS = [FulfillmentLine.name, OrderHistoryEntry.name];

/** Placed orders that no driver knows all of: lost when a shop was restored, added to, or out of stock. */
@Injectable()
export class UnsentOrders {
  constructor(
    private readonly connection: TransactionalConnection,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * Those with pieces that were never sent, old enough to be no order of this moment; in order of their ids.
   * - `recent`: of the last 14 days.
   * - `told`: older ones whose note says that they are tried again by themselves (a pre-order waits for its goods for as
   *   long as it takes). Not all older ones: a shop that gives this plugin an old shipping method has orders of years that
   *   it has delivered without any fulfillment, and nobody shall drive for them.
   */
  async page(which: 'recent' | 'told', now: Date, limit: number, behind: ID | null = null): Promise<{ id: ID }[]> {
    if (!this.options.autoFulfill) return [];
    const orders = this.connection.rawConnection.getRepository(Order).createQueryBuilder('o').select('o.id', 'id');
    const sent = orders
      .subQuery()
      .select(PIECES_SENT)
      .from(FulfillmentLine, 'attempt')
      .innerJoin('attempt.fulfillment', 'parcel')
      .where('attempt.orderLineId = piece.id');
    orders
      .innerJoin('o.shippingLines', 'line')
      .innerJoin('line.shippingMethod', 'method', 'method.fulfillmentHandlerCode = :code', { code: HANDLER_CODE })
      .innerJoin('o.lines', 'piece', '(piece.shippingLineId = line.id OR piece.shippingLineId IS NULL)')
      .where('o.type <> :aggregate', { aggregate: 'Aggregate' })
      .andWhere('o.updatedAt < :before', { before: new Date(now.getTime() - this.options.reconcileAfterMs) })
      .andWhere(`piece.quantity > ${sent.getQuery()}`)
      .setParameter('discriminatorColumnValues', KINDS);
    const after = new Date(now.getTime() - LOOK_BACK_MS);
    if (which === 'recent') orders.andWhere('o.orderPlacedAt > :after', { after });
    else this.wereTold(orders.andWhere('o.orderPlacedAt <= :after', { after }));
    orders.andWhere('o.state IN (:...states)', { states: which === 'recent' ? FULFILLABLE : OPEN });
    if (behind !== null) orders.andWhere('o.id > :behind', { behind });
    return orders.groupBy('o.id').orderBy('o.id').limit(limit).getRawMany<{ id: ID }>();
  }

  private wereTold(orders: SelectQueryBuilder<Order>): void {
    const told = orders.subQuery().select('1').from(OrderHistoryEntry, 'told').where('told.order = o.id');
    orders.andWhere(`EXISTS ${told.andWhere('told.data LIKE :waits').getQuery()}`, { waits: `%${WAITS}%` });
  }
}
