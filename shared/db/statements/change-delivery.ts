import type { CommandResult, Requester } from '../../domain/command.ts';
import { ON_THE_WAY_STATUSES } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { sqlList } from '../sql-list.ts';
import {
  CHANGE_PARAMETERS,
  CHANGEABLE_ON_THE_WAY,
  CHOSEN_BY,
  changedFields,
  type DetailsChange,
  OFFERED_BY,
  PLANNED_BY,
  wishedDetails,
  wishedOnTheWay,
} from './changed-details.ts';
import { command, deliveryWith, driverWith, event, freshWithNamed, rowWith } from './command.ts';
import { fixedColumns } from './kept-result.ts';
import { runCommand } from './run-command.ts';
import { located, waitingAgainIf } from './waiting-again.ts';

export type { DetailsChange };

/**
 * `late`: what comes too late for this, by the names on the wire; with `changed` and `unchanged` the rest was done.
 * `replan`: a plan may go by what is new; with a driver it is their route.
 */
export type ChangeDeliveryResult =
  | { outcome: 'changed'; delivery: DeliveryRow; late: readonly string[]; replan: boolean }
  | { outcome: 'unchanged' | 'too_late'; delivery: DeliveryRow; late: readonly string[] }
  | { outcome: 'not_found' };

/** The engine looks again at whatever it had put off: its window or its place may be another one now. */
const SOUGHT_AGAIN = `c.is_planned_by AND ${located('c.wish')} AND (c.wish).dispatch IN ('needs_location','scheduled','held')`;
/** Drivers are being asked about another trip than this one has become: what they say to that counts for nothing. */
const OFFERED_ANEW = `c.is_offered_by AND ${located('c.wish')} AND (c.wish).dispatch = 'offered'`;
/** Where it goes is not known any more. */
const LOST = `NOT (${located('c.wish')}) AND (c.wish).status = 'PENDING' AND (c.wish).dispatch <> 'paused'`;
const either = (column: string, sought: string, lost: string) =>
  `CASE WHEN ${SOUGHT_AGAIN} THEN ${sought} WHEN ${LOST} THEN ${lost} ELSE (c.wish).${column} END`;
const withoutOffer = (column: string) => `CASE WHEN ${OFFERED_ANEW} OR ${LOST} THEN NULL ELSE (c.wish).${column} END`;

const CHANGED = deliveryWith('c.wish', {
  version: '(c.wish).version + 1 + c.is_taken_back::int',
  ...waitingAgainIf('c.is_taken_back', 'c.wish', {
    dispatch: `CASE WHEN ${OFFERED_ANEW} THEN 'searching' ELSE ${either('dispatch', `'searching'`, `'needs_location'`)} END`,
    due_at: either('due_at', 'now()', '(c.wish).due_at'),
    next_dispatch_at: `CASE WHEN ${LOST} THEN NULL WHEN ${OFFERED_ANEW} OR c.is_planned_by AND ${located('c.wish')}
      AND (c.wish).dispatch NOT IN ('paused','exhausted','settled','offered') THEN now() ELSE (c.wish).next_dispatch_at END`,
    held_until: either('held_until', 'NULL', 'NULL'),
    held_reason: either('held_reason', 'NULL', 'NULL'),
    planned_pickup_at: withoutOffer('planned_pickup_at'),
    planned_dropoff_at: withoutOffer('planned_dropoff_at'),
  }),
  offered_at: withoutOffer('offered_at'),
});

const GROWN = '(j.wish).size - (j.d).size';
/** What its driver cannot take any more, or was never to take: a person who gave it to them has now said otherwise. */
const UNFIT = `(h.r).load + (h.r).reserved + ${GROWN} > (h.r).capacity
    OR 'excludedDriverIds' = ANY (j.fields) AND (h.r).id = ANY ((j.wish).excluded_driver_ids)
    OR 'requires' = ANY (j.fields) AND NOT (j.wish).requires <@ (h.r).tags
    OR 'dropoff.lat' = ANY (j.fields) AND (j.wish).dropoff_lat IS NULL`;

/**
 * Details of a delivery: all of them until the parcel is picked up, the recipient's phone and notes until it is handed
 * over. Judged field by field on the locked row: what is said again as it is already is no change, and never too late.
 *
 *   found ─ wished ─ judged      the row; the row as it was asked for; what differs, what of that is too late
 *                      └─ holder ─ fit ─ altered
 *
 * A driver in whose hands it does not fit any more gives it back in the same commit: the change, then UNASSIGNED. Who is
 * asked to take a trip that it makes another one is asked no more: it waits again, and is offered as it is now.
 */
const CHANGE_DELIVERY = command(
  `shop_id uuid, delivery_id uuid, order_ref text, partly boolean, ${CHANGE_PARAMETERS}`,
  {
    steps: `found AS MATERIALIZED (SELECT f.n, named.d FROM ${freshWithNamed()}),
wished AS MATERIALIZED (SELECT found.n, found.d, ${rowWith('found.d', wishedDetails('found.d'))} AS whole,
    ${rowWith('found.d', wishedOnTheWay('found.d'))} AS part, (found.d).message_digest = f.message_digest AS is_old,
    (found.d).status IN ('PENDING','ASSIGNED') AS is_open, (found.d).status IN (${sqlList(ON_THE_WAY_STATUSES)}) AS is_on_the_way
  FROM found JOIN fresh f ON f.n = found.n),
differing AS MATERIALIZED (SELECT w.*, CASE WHEN w.is_old THEN '{}' ELSE ${changedFields('w.d', 'w.whole')} END AS asked
  FROM wished w),
sorted AS MATERIALIZED (SELECT w.n, w.d, CASE WHEN w.is_open THEN w.whole WHEN w.is_on_the_way THEN w.part ELSE w.d END AS wish,
    ARRAY(SELECT t.field FROM unnest(w.asked) WITH ORDINALITY AS t(field, place) WHERE ${isTimely('t.field')} ORDER BY place) AS fields,
    ARRAY(SELECT t.field FROM unnest(w.asked) WITH ORDINALITY AS t(field, place) WHERE NOT ${isTimely('t.field')} ORDER BY place) AS late
  FROM differing w),
judged AS MATERIALIZED (SELECT s.*, cardinality(s.fields) > 0 AND (f.partly OR cardinality(s.late) = 0) AS is_change,
    s.fields && ${PLANNED_BY} AS is_planned_by, s.fields && ${OFFERED_BY} AS is_offered_by
  FROM sorted s JOIN fresh f ON f.n = s.n),
holder AS MATERIALIZED (SELECT j.n, w AS r FROM judged j JOIN dispatch.driver w ON w.id = (j.d).driver_id
  WHERE j.is_change AND (j.d).status = 'ASSIGNED' AND j.fields && ${CHOSEN_BY} FOR NO KEY UPDATE OF w),
fit AS MATERIALIZED (SELECT h.n, h.r, coalesce(${UNFIT}, false) AS is_taken_back, ${GROWN} AS grown
  FROM holder h JOIN judged j ON j.n = h.n),
chosen AS MATERIALIZED (SELECT j.n, j.d AS was, j.wish, j.fields, j.is_planned_by, j.is_offered_by, coalesce(x.is_taken_back, false) AS is_taken_back
  FROM judged j LEFT JOIN fit x ON x.n = j.n WHERE j.is_change),
altered AS MATERIALIZED (SELECT c.n, c.was, c.fields, c.is_planned_by, c.is_taken_back, ${CHANGED} AS d FROM chosen c)`,
    deliveries: 'SELECT n, d FROM altered',
    drivers: `SELECT x.n, ${driverWith('x.r', {
      load: 'CASE WHEN x.is_taken_back THEN (x.r).load - (j.d).size ELSE (x.r).load + x.grown END',
      idle_since: 'CASE WHEN x.is_taken_back AND (x.r).load = (j.d).size THEN now() ELSE (x.r).idle_since END',
    })} AS r, CASE WHEN x.is_taken_back THEN 'UNASSIGNED' ELSE 'RESIZED' END AS type,
    CASE WHEN x.is_taken_back THEN (j.d).id END AS delivery_id, NULL::json AS route
  FROM fit x JOIN judged j ON j.n = x.n WHERE x.is_taken_back OR x.grown <> 0`,
    events: [
      event({
        from: 'altered a',
        n: 'a.n',
        d: 'a.d',
        seq: '(a.was).version + 1',
        type: `'CHANGED'`,
        status: '(a.was).status',
        driver_id: '(a.was).driver_id',
        data: `json_build_object('fields', to_json(a.fields))`,
        was: fixedColumns('a.was'),
      }),
      event({
        from: 'altered a JOIN fit x ON x.n = a.n AND a.is_taken_back',
        n: 'a.n',
        d: 'a.d',
        type: `'UNASSIGNED'`,
        driver_id: '(x.r).id',
        driver_version: '(x.r).version + 1',
      }),
    ],
    answer: `SELECT f.n, CASE WHEN (j.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (a.d).id IS NOT NULL THEN json_build_object('outcome', 'changed', 'delivery', row_to_json(a.d), 'late', to_json(j.late),
      'replan', a.is_planned_by)
    ELSE json_build_object('outcome', CASE WHEN f.partly OR cardinality(j.late) = 0 THEN 'unchanged' ELSE 'too_late' END,
      'delivery', row_to_json(j.d), 'late', to_json(j.late)) END AS result,
    coalesce((a.d).id IS NOT NULL OR f.partly OR cardinality(j.late) = 0, false) AS keep
  FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN altered a ON a.n = f.n`,
  },
);

/** Of one field: what was asked for can still be done. */
function isTimely(field: string): string {
  return `(w.is_open OR w.is_on_the_way AND ${field} = ANY (${CHANGEABLE_ON_THE_WAY}))`;
}

/** Which delivery: by its id or by its order. */
export interface WhichDelivery {
  shop_id: string;
  delivery_id: string | null;
  order_ref: string | null;
}

/**
 * Changes details of a delivery.
 * @param options.partly what comes too late is left, and the rest done; else nothing is
 */
export function commitDeliveryChange(
  db: Db,
  who: Requester,
  which: WhichDelivery,
  change: DetailsChange,
  options: { partly?: boolean } = {},
): Promise<CommandResult<ChangeDeliveryResult>> {
  return runCommand<ChangeDeliveryResult>(db, CHANGE_DELIVERY, who, {
    ...change,
    ...which,
    partly: options.partly ?? false,
  });
}
