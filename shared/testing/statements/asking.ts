import type { Db } from '#shared/db/open-db.ts';
import type { PlanInput } from '#shared/db/statements/commit-plan.ts';

/** What the statements are asked about. */
export interface Asking {
  shop: string;
  /** The first one has had many deliveries. */
  drivers: readonly string[];
  /** Deliveries that wait, in order of id. */
  waiting: readonly string[];
  /** One that has ended. */
  ended: string;
  plan: PlanInput;
  /** A cursor of the change feed. */
  cursor: string;
}

export type Statement = (db: Db, asking: Asking) => Promise<unknown>;

export const first = (ids: readonly string[]) => ids[0] ?? '';
