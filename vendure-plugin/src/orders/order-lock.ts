import { type ID, Order, type RequestContext, type TransactionalConnection } from '@vendure/core';

/** Databases that lock rows. SQLite has one writer at a time anyhow. */
const LOCKING = ['postgres', 'mysql', 'mariadb', 'aurora-mysql', 'aurora-postgres', 'cockroachdb'];

/** Whether rows can be locked in this context: in such a database, inside a transaction. */
export function canLock(connection: TransactionalConnection, ctx: RequestContext): boolean {
  const { manager } = connection.getRepository(ctx, Order);
  return LOCKING.includes(connection.rawConnection.options.type) && manager.queryRunner?.isTransactionActive === true;
}

/**
 * Until the transaction ends nobody else who asks for it changes the deliveries of this order: callbacks, clicks and the
 * reconciliation come one after the other. What was read before is to be read again.
 */
export async function lockOrder(connection: TransactionalConnection, ctx: RequestContext, orderId: ID): Promise<void> {
  if (!canLock(connection, ctx)) return;
  await connection
    .getRepository(ctx, Order)
    .createQueryBuilder('o')
    .select('o.id')
    .where('o.id = :orderId', { orderId })
    .setLock('pessimistic_write')
    .getOne();
}
