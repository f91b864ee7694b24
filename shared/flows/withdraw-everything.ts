import { commitWithdrawal, type Withdrawn } from '../db/statements/withdraw-everything.ts';
import type { FlowDeps } from './deps.ts';

export type { Withdrawn };

/**
 * After a leak: withdraws every key, every driver's token and phone, every pairing code and every session.
 * @param shopId of this shop; null: of all
 */
export function withdrawEverything({ db }: Pick<FlowDeps, 'db'>, shopId: string | null): Promise<Withdrawn> {
  return commitWithdrawal(db, shopId);
}
