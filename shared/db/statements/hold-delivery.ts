import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, deliveryWith, event } from './command.ts';
import { runCommand } from './run-command.ts';

export type HoldResult =
  | { outcome: 'held' | 'released' | 'unchanged' | 'not_pending' | 'too_late'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

const FOUND = `found AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f JOIN dispatch.delivery x
    ON x.id = f.delivery_id AND x.shop_id = f.shop_id FOR NO KEY UPDATE OF x)`;
const ANSWER = (outcome: string, otherwise = '') => `SELECT f.n, CASE
    WHEN (c.d).id IS NOT NULL THEN json_build_object('outcome', '${outcome}', 'delivery', row_to_json(c.d))
    WHEN (found.d).id IS NULL THEN json_build_object('outcome', 'not_found')${otherwise}
    WHEN (found.d).status = 'PENDING' THEN json_build_object('outcome', 'unchanged', 'delivery', row_to_json(found.d))
    ELSE json_build_object('outcome', 'not_pending', 'delivery', row_to_json(found.d)) END AS result,
    coalesce((found.d).status = 'PENDING'${otherwise && ' AND NOT coalesce(f.until <= now(), false)'}, false) AS keep
  FROM fresh f LEFT JOIN found ON found.n = f.n LEFT JOIN changed c ON c.n = f.n`;

const TOO_LATE = `
    WHEN f.until <= now() AND (found.d).status = 'PENDING' THEN json_build_object('outcome', 'too_late', 'delivery', row_to_json(found.d))`;

/** A held one is held anew where it says until when, or why; the same again changes nothing. */
const HOLD = command('shop_id uuid, delivery_id uuid, until timestamptz, note text', {
  steps: `${FOUND},
changed AS MATERIALIZED (SELECT f.n, f.note, ${deliveryWith('found.d', {
    dispatch: `'paused'`,
    version: '(found.d).version + 1',
    next_dispatch_at: 'f.until',
    held_until: 'f.until',
    held_reason: `'by_hand'`,
    planned_pickup_at: 'NULL',
    planned_dropoff_at: 'NULL',
  })} AS d FROM found JOIN fresh f ON f.n = found.n WHERE (found.d).status = 'PENDING'
    AND NOT ((found.d).dispatch = 'paused' AND (found.d).held_until IS NOT DISTINCT FROM f.until AND f.note IS NULL)
    AND NOT coalesce(f.until <= now(), false))`,
  deliveries: 'SELECT n, d FROM changed',
  events: [
    event({
      from: 'changed',
      d: 'd',
      type: `'HELD'`,
      data: `json_strip_nulls(json_build_object('state', 'paused', 'reason', (d).held_reason, 'until', (d).held_until, 'note', note))`,
    }),
  ],
  answer: ANSWER('held', TOO_LATE),
});

/** Due at once; without coordinates it goes on waiting for them. */
const RELEASED = (row: string) => {
  const located = `(${row}).pickup_lat IS NOT NULL AND (${row}).dropoff_lat IS NOT NULL`;
  return deliveryWith(row, {
    dispatch: `CASE WHEN ${located} THEN 'searching' ELSE 'needs_location' END`,
    version: `(${row}).version + 1`,
    due_at: 'now()',
    // Whom it was offered to before counts no more: all may be asked again.
    waiting_since: 'now()',
    dispatch_attempts: '0',
    next_dispatch_at: `CASE WHEN ${located} THEN now() END`,
    held_until: 'NULL',
    held_reason: 'NULL',
  });
};

const RELEASE = command('shop_id uuid, delivery_id uuid', {
  steps: `${FOUND},
changed AS MATERIALIZED (SELECT n, ${RELEASED('d')} AS d FROM found WHERE (d).dispatch = 'paused')`,
  deliveries: 'SELECT n, d FROM changed',
  events: [event({ from: 'changed', d: 'd', type: `'RELEASED'` })],
  answer: ANSWER('released'),
});

/** Those whose time has come; one that is locked is left to the next sweep. */
const RELEASE_DUE = command('', {
  steps: `due AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f, dispatch.delivery x WHERE x.status = 'PENDING'
    AND x.dispatch = 'paused' AND x.next_dispatch_at <= now() ORDER BY x.next_dispatch_at, x.id LIMIT 500
    FOR NO KEY UPDATE OF x SKIP LOCKED),
changed AS MATERIALIZED (SELECT n, ${RELEASED('d')} AS d FROM due)`,
  deliveries: 'SELECT n, d FROM changed',
  events: [event({ from: 'changed', d: 'd', type: `'RELEASED'` })],
  answer: `SELECT f.n, json_build_object('deliveries', (SELECT count(*) FROM changed),
    'shops', (SELECT coalesce(json_agg(DISTINCT (d).shop_id), '[]') FROM changed)) AS result, false AS keep FROM fresh f`,
});

type Which = { shop_id: string; delivery_id: string };

/**
 * A person keeps a waiting delivery back: nobody is looked for.
 * @param input.until when it is due again; null: when somebody releases it. `too_late`: by the database's clock it is past
 */
export function commitHold(
  db: Db,
  who: Requester,
  input: Which & { until: string | null; note: string | null },
): Promise<CommandResult<HoldResult>> {
  return runCommand<HoldResult>(db, HOLD, who, input);
}

/** Ends that. `unchanged`: nobody holds it. */
export function commitRelease(db: Db, who: Requester, which: Which): Promise<CommandResult<HoldResult>> {
  return runCommand<HoldResult>(db, RELEASE, who, which);
}

/** Releases what was held until now, of all shops. @returns how many (500 at most), and where the engine has to look */
export async function releaseDue(db: Db): Promise<{ deliveries: number; shops: readonly string[] }> {
  const relay = { actor: 'relay', idempotency: null };
  const ran = await runCommand<{ deliveries: number; shops: readonly string[] }>(db, RELEASE_DUE, relay, {});
  return ran.kind === 'done' ? ran.result : { deliveries: 0, shops: [] };
}
