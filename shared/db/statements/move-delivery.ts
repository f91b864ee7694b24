import type { CommandResult, Requester } from '../../domain/command.ts';
import {
  type DeliveryStatus,
  ENDING_STATUSES,
  type FailedParcel,
  type FailureCode,
  ON_THE_WAY_STATUSES,
  PINCODE_TRIES,
} from '../../domain/delivery.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { sqlList } from '../sql-list.ts';
import { command, deliveryWith, driverWith, event, freshWithNamed } from './command.ts';
import { type MissingProof, missingProof } from './proof-missing.ts';
import { runCommand } from './run-command.ts';

export interface Move {
  shop_id: string;
  /** Which delivery: by its id or by its order. */
  delivery_id: string | null;
  order_ref: string | null;
  /** Only if this driver holds it (a driver's own request); null for anyone of the shop. */
  driver_id: string | null;
  to_status: DeliveryStatus;
  /** The statuses from which this is legal (domain/delivery.ts). */
  from_statuses: readonly DeliveryStatus[];
  occurred_at: string | null;
  lat: number | null;
  lon: number | null;
  proof: Record<string, unknown> | null;
  pincode: string | null;
  /** A person of the shop says so, who needs neither the recipient's code nor any other proof. */
  by_shop: boolean;
  failure_code: FailureCode | null;
  note: string | null;
  /** Of a parcel that fails aboard. */
  parcel: FailedParcel | null;
  /** Back to PENDING: do not propose the present driver again. */
  exclude: boolean;
}

/**
 * `proof_missing`: what its driver has to bring besides. `pincode_missing`: none was said, which is no try.
 * `pincode_locked`: no code opens it any more.
 */
export type MoveResult =
  | {
      outcome: 'proof_missing';
      missing: readonly MissingProof[];
      delivery: DeliveryRow;
      previous: DeliveryStatus;
    }
  | {
      outcome: 'moved' | 'unchanged' | 'illegal' | 'wrong_pincode' | 'pincode_missing' | 'pincode_locked';
      delivery: DeliveryRow;
      previous: DeliveryStatus;
    }
  | { outcome: 'not_found' };

/**
 * When the phone says it happened, if that is after what it follows and not in the future; else when it was received. A
 * phone's clock may be years off, and how long a delivery's history is kept, and what shops and customers are told, goes
 * by this. What the phone said, if it is another time, stands in the event's data alone.
 */
const happened = (row: string) =>
  `CASE WHEN f.occurred_at BETWEEN greatest((${row}).created_at, (${row}).assigned_at, (${row}).picked_up_at, (${row}).ended_at)
      AND now() THEN f.occurred_at ELSE now() END`;
const HAPPENED = happened('j.d');
const SAID = `CASE WHEN f.occurred_at <> ${happened('m.was')}
      THEN to_char(f.occurred_at AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END`;
const LOCATED = '(j.d).pickup_lat IS NOT NULL AND (j.d).dropoff_lat IS NOT NULL';
/** A parcel that failed after its pickup is still aboard: its last stop stays, to where it goes back. */
const KEEPS_A_STOP = `f.to_status IN (${sqlList(ON_THE_WAY_STATUSES)}) OR (f.to_status = 'FAILED' AND (j.d).pickup_rank IS NULL)`;
const toPending = (then: string, otherwise: string) =>
  `CASE WHEN f.to_status = 'PENDING' THEN ${then} ELSE ${otherwise} END`;

const MOVED = deliveryWith('j.d', {
  status: 'f.to_status',
  version: '(j.d).version + 1',
  dispatch: toPending(`CASE WHEN ${LOCATED} THEN 'searching' ELSE 'needs_location' END`, `'settled'`),
  driver_id: toPending('NULL', '(j.d).driver_id'),
  exclusive: toPending('false', '(j.d).exclusive'),
  attempt: toPending('(j.d).attempt + 1', '(j.d).attempt'),
  excluded_driver_ids: `CASE WHEN f.exclude AND (j.d).driver_id IS NOT NULL
      THEN array_append(array_remove((j.d).excluded_driver_ids, (j.d).driver_id), (j.d).driver_id)
      ELSE (j.d).excluded_driver_ids END`,
  waiting_since: toPending('now()', '(j.d).waiting_since'),
  due_at: toPending('now()', '(j.d).due_at'),
  dispatch_attempts: toPending('0', '(j.d).dispatch_attempts'),
  next_dispatch_at: toPending(`CASE WHEN ${LOCATED} THEN now() END`, 'NULL'),
  held_until: 'NULL',
  held_reason: 'NULL',
  pinned: `(j.d).pinned AND (${KEEPS_A_STOP})`,
  pickup_rank: 'NULL',
  dropoff_rank: `CASE WHEN ${KEEPS_A_STOP} THEN (j.d).dropoff_rank END`,
  planned_pickup_at: toPending('NULL', '(j.d).planned_pickup_at'),
  planned_dropoff_at: toPending('NULL', '(j.d).planned_dropoff_at'),
  announced_at: toPending('NULL', '(j.d).announced_at'),
  proof: 'coalesce(f.proof, (j.d).proof)',
  failure_code: 'coalesce(f.failure_code, (j.d).failure_code)',
  failure_note: 'CASE WHEN f.failure_code IS NULL THEN (j.d).failure_note ELSE f.note END',
  unreachable_since: 'NULL',
  picked_up_at: `CASE WHEN f.to_status = 'PICKED_UP' THEN ${HAPPENED} ELSE (j.d).picked_up_at END`,
  ended_at: `CASE WHEN f.to_status IN (${sqlList(ENDING_STATUSES)}) THEN ${HAPPENED} ELSE (j.d).ended_at END`,
});

/** Judged on the locked row, so that of any number of tries at once each sees the misses before it. */
const PINCODE = `CASE WHEN f.to_status <> 'DELIVERED' OR f.by_shop OR (found.d).pincode IS NULL THEN 'fits'
    WHEN (found.d).pincode_misses >= ${PINCODE_TRIES} THEN 'pincode_locked' WHEN f.pincode IS NULL THEN 'pincode_missing'
    WHEN (found.d).pincode = f.pincode THEN 'fits' ELSE 'wrong_pincode' END`;
const MISSED = deliveryWith('j.d', { version: '(j.d).version + 1', pincode_misses: '(j.d).pincode_misses + 1' });

/** What the driver no longer carries; 0 while a stop is left. */
const FREED = 'CASE WHEN (m.d).dropoff_rank IS NULL THEN (m.was).size ELSE 0 END';
const TYPE = `CASE f.to_status WHEN 'PENDING' THEN 'UNASSIGNED' ELSE f.to_status END`;

/**
 * One step of the delivery state machine: the row is locked first and judged as it is then, also what it asks of its
 * driver; what its shop asks, as the shop was when the step came. What ends the driver's part,
 * or turns a dropoff into a way back, changes the driver too: a pickup that was made does not. A wrong pincode is counted
 * here, and its answer kept under its key: the same request sent again is not another try.
 */
const MOVE_DELIVERY = command(
  `shop_id uuid, delivery_id uuid, order_ref text, driver_id uuid, to_status text, from_statuses text[],
   occurred_at timestamptz, lat float8, lon float8, proof json, pincode text, by_shop boolean,
   failure_code text, note text, parcel text, exclude boolean`,
  {
    steps: `found AS MATERIALIZED (SELECT f.n, named.d
  FROM ${freshWithNamed('(f.driver_id IS NULL OR y.driver_id = f.driver_id)')}),
judged AS MATERIALIZED (SELECT found.n, found.d, (found.d).status = ANY(f.from_statuses) AS legal,
    ${missingProof('found.d', 's')} AS missing,
    ${PINCODE} AS pincode
  FROM found JOIN fresh f ON f.n = found.n JOIN dispatch.shop s ON s.id = (found.d).shop_id),
moved AS MATERIALIZED (SELECT j.n, j.d AS was, ${MOVED} AS d
  FROM judged j JOIN fresh f ON f.n = j.n WHERE j.legal AND j.missing = '{}' AND j.pincode = 'fits'),
missed AS MATERIALIZED (SELECT j.n, ${MISSED} AS d FROM judged j
  WHERE j.legal AND j.missing = '{}' AND j.pincode = 'wrong_pincode'),
holder AS MATERIALIZED (SELECT m.n, w AS r FROM moved m JOIN dispatch.driver w ON w.id = (m.was).driver_id
  WHERE (m.was).dropoff_rank IS NOT NULL AND (m.d).status NOT IN (${sqlList(ON_THE_WAY_STATUSES)}) FOR NO KEY UPDATE OF w)`,
    deliveries: 'SELECT n, d FROM moved UNION ALL SELECT n, d FROM missed',
    drivers: `SELECT h.n, ${driverWith('h.r', {
      load: `(h.r).load - ${FREED}`,
      idle_since: `CASE WHEN (h.r).load = ${FREED} THEN now() ELSE (h.r).idle_since END`,
      // Fixed as by a person: no plan puts another stop before the way back.
      fixed_rank: `CASE WHEN f.parcel = 'return' THEN greatest((h.r).fixed_rank, (m.d).dropoff_rank) ELSE (h.r).fixed_rank END`,
    })} AS r, ${TYPE} AS type, (m.d).id AS delivery_id, NULL::json AS route
  FROM holder h JOIN moved m ON m.n = h.n JOIN fresh f ON f.n = h.n`,
    events: [
      event({
        from: 'moved m JOIN fresh f ON f.n = m.n LEFT JOIN holder h ON h.n = m.n',
        n: 'm.n',
        d: 'm.d',
        type: TYPE,
        occurred_at: happened('m.was'),
        driver_id: '(m.was).driver_id',
        driver_version: '(h.r).version + 1',
        lat: 'f.lat',
        lon: 'f.lon',
        data: `nullif(json_strip_nulls(json_build_object('failureCode', f.failure_code, 'note', f.note, 'parcel', f.parcel,
      'proof', f.proof, 'occurredAt', ${SAID}))::text, '{}')::json`,
      }),
      event({
        from: 'missed',
        d: 'd',
        type: `CASE WHEN (d).pincode_misses >= ${PINCODE_TRIES} THEN 'PIN_LOCKED' ELSE 'PIN_MISSED' END`,
      }),
    ],
    answer: `SELECT f.n, CASE WHEN (j.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN j.legal AND j.missing <> '{}' THEN json_build_object('outcome', 'proof_missing', 'missing', to_json(j.missing),
      'previous', (j.d).status, 'delivery', row_to_json(j.d))
    ELSE json_build_object('outcome', CASE WHEN (m.d).id IS NOT NULL THEN 'moved' WHEN (j.d).status = f.to_status THEN 'unchanged'
        WHEN j.legal THEN j.pincode ELSE 'illegal' END,
      'previous', (j.d).status,
      'delivery', CASE WHEN (m.d).id IS NOT NULL THEN row_to_json(m.d) WHEN (i.d).id IS NOT NULL THEN row_to_json(i.d)
        ELSE row_to_json(j.d) END) END AS result,
    (m.d).id IS NOT NULL OR (i.d).id IS NOT NULL OR (j.d).status = f.to_status AS keep
  FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN moved m ON m.n = f.n LEFT JOIN missed i ON i.n = f.n`,
  },
);

/** Moves a delivery one step; see `MoveResult` for what can be answered. */
export function commitMove(db: Db, who: Requester, input: Move): Promise<CommandResult<MoveResult>> {
  return runCommand<MoveResult>(db, MOVE_DELIVERY, who, { ...input });
}
