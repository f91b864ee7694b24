import type { CommandResult, Requester } from '../../domain/command.ts';
import { REDELIVERED_FROM } from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import type { WhichDelivery } from './change-delivery.ts';
import { CHANGE_PARAMETERS, changedFields, type DetailsChange, wishedDetails } from './changed-details.ts';
import { command, deliveryWith, driverWith, event, freshWithNamed, rowWith } from './command.ts';
import { fixedColumns } from './kept-result.ts';
import { runCommand } from './run-command.ts';
import { waitingAgainIf } from './waiting-again.ts';

/** `late`: what cannot be changed any more of a parcel that is aboard; with `redelivered` the rest was done. */
export type RedeliverResult =
  | { outcome: 'redelivered'; delivery: DeliveryRow; late: readonly string[] }
  | { outcome: 'too_late'; delivery: DeliveryRow; late: readonly string[] }
  /** It has not failed; or nothing is kept of it, not even where it was to go. */
  | { outcome: 'illegal'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

const FROM = REDELIVERED_FROM.map((status) => `'${status}'`).join(',');
/** A cancel that came before its order, or an order that retention has emptied. */
const EMPTY = `((named.d).pickup::text = '{}' AND (named.d).dropoff::text = '{}'
    AND (named.d).pickup_lat IS NULL AND (named.d).dropoff_lat IS NULL)`;
/** Of a parcel in a vehicle: where it was collected and how large it is. */
const FIXED_ABOARD = `(field LIKE 'pickup.%' OR field IN ('size','requires','excludedDriverIds'))`;
const aboard = (name: string) => `CASE WHEN c.is_aboard THEN (c.d).${name} ELSE (c.whole).${name} END`;

const WISHED = rowWith('c.whole', {
  ...Object.fromEntries(
    [
      'pickup',
      'pickup_lat',
      'pickup_lon',
      'pickup_ready_at',
      'pickup_after',
      'pickup_before',
      'pickup_service_s',
      'size',
      'requires',
      'excluded_driver_ids',
    ].map((name) => [name, aboard(name)]),
  ),
});

const AGAIN = deliveryWith('j.wish', {
  version: '(j.wish).version + 1',
  ...waitingAgainIf('NOT j.is_aboard', 'j.wish', { status: `'PICKED_UP'`, attempt: '(j.wish).attempt + 1' }),
  picked_up_at: 'CASE WHEN j.is_aboard THEN (j.wish).picked_up_at END',
  announced_at: 'NULL',
  ended_at: 'NULL',
  proof: 'NULL',
  failure_code: 'NULL',
  failure_note: 'NULL',
});

/**
 * The next attempt of a delivery that has failed, was returned or cancelled, from where its parcel is: aboard, its way
 * back becomes a dropoff again in the same place of the route, and is no longer fixed there, since a dropoff may have to
 * wait for its window; else it waits for a driver as it did at first. The same message once more changes no details, so
 * that what a dispatcher has corrected stays. What was
 * kept under keys until now is given again as it was: hence `was`.
 */
const REDELIVER = command(
  `shop_id uuid, delivery_id uuid, order_ref text, partly boolean, note text, ${CHANGE_PARAMETERS}`,
  {
    steps: `found AS MATERIALIZED (SELECT f.n, named.d,
    (named.d).status IN (${FROM}) AND (named.d).forgotten_at IS NULL AND NOT ${EMPTY} AS legal,
    (named.d).status = 'FAILED' AND (named.d).dropoff_rank IS NOT NULL AS is_aboard
  FROM ${freshWithNamed()}),
wished AS MATERIALIZED (SELECT found.*, CASE WHEN (found.d).message_digest = f.message_digest THEN found.d
    ELSE ${rowWith('found.d', wishedDetails('found.d'))} END AS whole FROM found JOIN fresh f ON f.n = found.n),
compared AS MATERIALIZED (SELECT c.*, ${WISHED} AS wish, ${changedFields('c.d', 'c.whole')} AS asked FROM wished c),
judged AS MATERIALIZED (SELECT c.n, c.d, c.legal, c.is_aboard, c.wish,
    ARRAY(SELECT field FROM unnest(c.asked) field WHERE NOT (c.is_aboard AND ${FIXED_ABOARD})) AS fields,
    ARRAY(SELECT field FROM unnest(c.asked) field WHERE c.is_aboard AND ${FIXED_ABOARD}) AS late
  FROM compared c),
again AS MATERIALIZED (SELECT j.n, j.d AS was, j.is_aboard, j.fields, ${AGAIN} AS d FROM judged j JOIN fresh f ON f.n = j.n
  WHERE j.legal AND (f.partly OR cardinality(j.late) = 0)),
holder AS MATERIALIZED (SELECT a.n, w AS r FROM again a JOIN dispatch.driver w ON w.id = (a.d).driver_id
  WHERE a.is_aboard FOR NO KEY UPDATE OF w)`,
    deliveries: 'SELECT n, d FROM again',
    drivers: `SELECT h.n, ${driverWith('h.r', { fixed_rank: 'least((h.r).fixed_rank, (a.d).dropoff_rank - 1)' })} AS r, 'REATTEMPTED' AS type, (a.d).id AS delivery_id, NULL::json AS route
  FROM holder h JOIN again a ON a.n = h.n`,
    events: [
      event({
        from: 'again a JOIN fresh f ON f.n = a.n LEFT JOIN holder h ON h.n = a.n',
        n: 'a.n',
        d: 'a.d',
        type: `'REATTEMPTED'`,
        driver_version: '(h.r).version + 1',
        data: `json_strip_nulls(json_build_object('from', CASE WHEN a.is_aboard THEN 'driver' ELSE 'pickup' END, 'note', f.note,
      'fields', CASE WHEN cardinality(a.fields) > 0 THEN to_json(a.fields) END))`,
        was: fixedColumns('a.was'),
      }),
    ],
    answer: `SELECT f.n, CASE WHEN (j.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (a.d).id IS NOT NULL THEN json_build_object('outcome', 'redelivered', 'delivery', row_to_json(a.d), 'late', to_json(j.late))
    WHEN j.legal THEN json_build_object('outcome', 'too_late', 'delivery', row_to_json(j.d), 'late', to_json(j.late))
    ELSE json_build_object('outcome', 'illegal', 'delivery', row_to_json(j.d)) END AS result, (a.d).id IS NOT NULL AS keep
  FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN again a ON a.n = f.n`,
  },
);

/**
 * Another attempt, with other details where some are given.
 * @param options.partly what cannot be changed of a parcel that is aboard is left; else nothing is done
 * @param options.note why, for the event
 */
export function commitRedelivery(
  db: Db,
  who: Requester,
  which: WhichDelivery,
  change: DetailsChange,
  options: { partly?: boolean; note?: string | null } = {},
): Promise<CommandResult<RedeliverResult>> {
  const { partly = false, note = null } = options;
  return runCommand<RedeliverResult>(db, REDELIVER, who, { ...change, ...which, partly, note });
}
