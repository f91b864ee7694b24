import { EXHAUSTED_AFTER_S } from '../../domain/dispatch-schedule.ts';
import type { Db } from '../open-db.ts';
import { command, deliveryWith, event } from './command.ts';
import { runCommand } from './run-command.ts';

/** Given up by one statement at most; as many: there may be more. */
export const EXHAUSTED_AT_ONCE = 500;

/** What is not ready, or may not be brought yet, cannot have been searched for in vain. */
const POSSIBLE_FROM = 'x.pickup_ready_at, x.pickup_after, x.dropoff_after';

/** Searched for too long: the shop is told (once), and a driver who comes free near by, or a person, ends it. */
const EXHAUST = command('after_s int', {
  steps: `tired AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f, dispatch.delivery x WHERE x.dispatch = 'searching'
    AND x.due_at < now() - f.after_s * interval '1 s' AND greatest(x.due_at, ${POSSIBLE_FROM}) < now() - f.after_s * interval '1 s' ORDER BY x.id LIMIT ${EXHAUSTED_AT_ONCE} FOR NO KEY UPDATE OF x SKIP LOCKED),
exhausted AS MATERIALIZED (SELECT n, ${deliveryWith('d', {
    dispatch: `'exhausted'`,
    next_dispatch_at: 'NULL',
    version: '(d).version + 1',
  })} AS d FROM tired)`,
  deliveries: 'SELECT n, d FROM exhausted',
  events: [event({ from: 'exhausted', d: 'd', type: `'EXHAUSTED'` })],
  answer: `SELECT f.n, json_build_object('deliveries', (SELECT count(*) FROM exhausted)) AS result, false AS keep FROM fresh f`,
});

/** Counted from when they were due and could be brought, never while scheduled or held. @returns how many were given up searching for */
export async function exhaustDeliveries(db: Db, afterS: number = EXHAUSTED_AFTER_S): Promise<number> {
  const ran = await runCommand<{ deliveries: number }>(
    db,
    EXHAUST,
    { actor: 'relay', idempotency: null },
    { after_s: afterS },
  );
  return ran.kind === 'done' ? ran.result.deliveries : 0;
}
