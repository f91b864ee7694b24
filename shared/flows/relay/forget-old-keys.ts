import { deleteOldKeys } from '../../db/statements/idempotency.ts';
import type { FlowDeps } from '../deps.ts';

/** In small steps. @returns true when there is more to forget */
export async function forgetOldKeys({ db }: Pick<FlowDeps, 'db'>): Promise<boolean> {
  return (await deleteOldKeys(db)) > 0;
}
