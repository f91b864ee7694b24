import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '#shared/db/open-db.ts';
import { EXHAUSTED_AFTER_S } from '#shared/domain/dispatch-schedule.ts';

const EVERY_MS = 4_000;

/**
 * Makes some of what is searched for as old as what is given up on, which no bench could wait for. Nothing of it is
 * shown, and the relay gives it up by itself.
 */
export async function ageWaiting(db: Db, shopIds: readonly string[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await db
      .run(
        `UPDATE dispatch.delivery SET due_at = now() - $2::int * interval '1 s' WHERE id IN (SELECT id FROM dispatch.delivery
           WHERE shop_id = ANY ($1::uuid[]) AND dispatch = 'searching' AND due_at < now() - interval '2 s' LIMIT 2 FOR UPDATE SKIP LOCKED)`,
        [`{${shopIds.join(',')}}`, EXHAUSTED_AFTER_S + 60],
      )
      .catch(() => {});
    await pause(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
