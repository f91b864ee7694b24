import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import { command } from './command.ts';
import { LOWEST_ID } from './ids.ts';
import { runCommand } from './run-command.ts';

/**
 * An event that did not get through: `parked_at` set: given up; null: tried again at `next_attempt_at`. Always the first of
 * its delivery's: the others wait behind it.
 */
export interface FailedEvent {
  id: string;
  delivery_id: string;
  seq: number;
  event: string;
  attempts: number;
  last_error: string;
  parked_at: string | null;
  next_attempt_at: string | null;
  created_at: string;
}

/** A shop's unsent events whose last try failed, oldest first, after `afterId`. */
export async function selectFailures(
  db: Db,
  shopId: string,
  page: { afterId: string | null; limit: number },
): Promise<readonly FailedEvent[]> {
  const rows = await db.run<{ row: FailedEvent }>(
    `SELECT json_build_object('id', o.id, 'delivery_id', o.delivery_id, 'seq', o.seq, 'event', o.event,
       'attempts', l.attempts, 'last_error', l.last_error, 'parked_at', l.parked_at,
       'next_attempt_at', l.due_at, 'created_at', o.created_at) AS row
     FROM dispatch.outbox_lane l JOIN dispatch.outbox o ON o.id = l.failed_id
     WHERE l.shop_id = $1 AND l.failed_id > coalesce($2::uuid, ${LOWEST_ID}) ORDER BY l.failed_id LIMIT $3`,
    [shopId, page.afterId, page.limit],
  );
  return rows.map((each) => each.row);
}

export type ReplayResult = { outcome: 'replayed'; replayed: number } | { outcome: 'not_found' };

/** At most so many by one statement, which must end in time. */
export const REPLAYED_AT_ONCE = 5_000;

const REPLAY_EVENTS = command('shop_id uuid, event_ids uuid[]', {
  steps: `failed AS MATERIALIZED (SELECT r.delivery_id FROM fresh f CROSS JOIN LATERAL (
  SELECT l.delivery_id FROM dispatch.outbox_lane l WHERE l.shop_id = f.shop_id AND l.failed_id > ${LOWEST_ID}
    AND l.leased_by IS NULL AND (l.parked_at IS NOT NULL OR l.due_at > now()) AND (f.event_ids IS NULL OR l.failed_id = ANY(f.event_ids))
  ORDER BY l.failed_id LIMIT ${REPLAYED_AT_ONCE} FOR UPDATE SKIP LOCKED) r),
replayed AS (UPDATE dispatch.outbox_lane l SET parked_at = NULL, due_at = now() FROM failed
  WHERE l.delivery_id = failed.delivery_id AND l.delivery_id = ANY (ARRAY(SELECT delivery_id FROM failed)) RETURNING 1)`,
  answer: `SELECT f.n, CASE WHEN s.id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', 'replayed', 'replayed', (SELECT count(*) FROM replayed)) END AS result,
    s.id IS NOT NULL AS keep FROM fresh f LEFT JOIN dispatch.shop s ON s.id = f.shop_id`,
});

/**
 * Makes failed events due at once, parked ones too, with the same ids and bodies; the order within a delivery stays.
 * One that is older than three days and fails again is parked again. What is due already is not counted, so that asking
 * again takes the next ones.
 * @param input.event_ids null: all that failed, 5,000 at a time
 */
export function replayEvents(
  db: Db,
  who: Requester,
  input: { shop_id: string; event_ids: readonly string[] | null },
): Promise<CommandResult<ReplayResult>> {
  return runCommand<ReplayResult>(db, REPLAY_EVENTS, who, input);
}
