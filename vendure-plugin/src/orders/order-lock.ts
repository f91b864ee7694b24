import {
  Fulfillment,
  type ID,
  Order,
  type RequestContext,
  ShippingMethod,
  type TransactionalConnection,
  type VendureEntity,
} from '@vendure/core';
import { HANDLER_CODE } from '../constants';

/** Databases that lock rows. SQLite has one writer at a time anyhow. */
const LOCKING = ['postgres', 'mysql', 'mariadb', 'aurora-mysql', 'aurora-postgres', 'cockroachdb'];

/** Whether rows can be locked in this context: in such a database, inside a transaction. */
export function canLock(connection: TransactionalConnection, ctx: RequestContext): boolean {
  const { manager } = connection.getRepository(ctx, Order);
  return LOCKING.includes(connection.rawConnection.options.type) && manager.queryRunner?.isTransactionActive === true;
}

/** Until the transaction ends nobody else makes a delivery of this order: clicks come one after the other. */
export function lockOrder(connection: TransactionalConnection, ctx: RequestContext, id: ID): Promise<void> {
  return lock(connection, ctx, Order, id);
}

/**
 * Until the transaction ends nobody else who asks for it takes news of this delivery into the shop. The fulfillment and
 * not its order, since Vendure's own transitions take it before the order too: the other way round they would block each
 * other.
 */
export function lockFulfillment(connection: TransactionalConnection, ctx: RequestContext, id: ID): Promise<void> {
  return lock(connection, ctx, Fulfillment, id);
}

/**
 * Until the transaction ends nobody else who asks for it chooses a window, so that the last place goes to one. All of our
 * shipping methods at once, since an order counts for its window whichever method it has; in one order of their ids, so
 * that two who ask never wait for each other. Ask for it before anything is read: MySQL shows a transaction what was
 * there at its first plain read.
 */
export async function lockWindows(connection: TransactionalConnection, ctx: RequestContext): Promise<void> {
  if (!canLock(connection, ctx)) return;
  const methods = connection.getRepository(ctx, ShippingMethod).createQueryBuilder('method').select('method.id');
  methods.where('method.fulfillmentHandlerCode = :code', { code: HANDLER_CODE }).orderBy('method.id');
  await methods.setLock('pessimistic_write').getMany();
}

/** What was read before is to be read again. */
async function lock(
  connection: TransactionalConnection,
  ctx: RequestContext,
  entity: new (input?: never) => VendureEntity,
  id: ID,
): Promise<void> {
  if (!canLock(connection, ctx)) return;
  const rows = connection.getRepository(ctx, entity).createQueryBuilder('row').select('row.id');
  await rows.where('row.id = :id', { id }).setLock('pessimistic_write').getOne();
}
