import type postgres from 'postgres';
import type { Db } from '#shared/db/open-db.ts';
import { eventually } from './eventually.ts';
import { lockWaiters } from './stranger.ts';

/** A Db whose statements belong to an open transaction. */
function within(transaction: postgres.TransactionSql): Db {
  return {
    run: <Row>(text: string, parameters: readonly unknown[] = []) =>
      transaction.unsafe(text, parameters as never[]) as unknown as Promise<readonly Row[]>,
    close: async () => {},
  };
}

/**
 * Runs one command in a transaction that stays open until the other one waits behind it, or is done without.
 * @param holder holds the first one open; a connection of its own
 * @returns what came of the second
 */
export async function runBehind<Result>(
  holder: postgres.Sql,
  db: Db,
  first: (on: Db) => Promise<unknown>,
  second: (on: Db) => Promise<Result>,
): Promise<Result> {
  let isOver = false;
  let behind: Promise<Result> | undefined;
  await holder.begin(async (transaction) => {
    await first(within(transaction));
    behind = second(db).finally(() => {
      isOver = true;
    });
    behind.catch(() => {});
    await eventually(async () => isOver || (await lockWaiters(db)) > 0);
  });
  if (behind === undefined) throw new Error('the second command never began');
  return behind;
}
