import { DependencyAway } from '../../domain/away.ts';
import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, deliveryWith, driverWith, event } from './command.ts';
import { HEARD } from './eligible.ts';
import { runCommand } from './run-command.ts';

export type AssignResult =
  | { outcome: 'assigned' | 'unchanged' | 'not_pending'; delivery: DeliveryRow }
  | { outcome: 'refused'; delivery: DeliveryRow; refusals: readonly Refusal[] }
  /** The driver's stops changed while the statement waited for them: ask again. */
  | { outcome: 'moved_on' }
  | { outcome: 'not_found' };

const ASSIGNED = deliveryWith('t.d', {
  status: `'ASSIGNED'`,
  dispatch: `'settled'`,
  driver_id: '(t.r).id',
  exclusive: '(t.r).capacity = 1',
  version: '(t.d).version + 1 + t.given',
  attempt: '(t.d).attempt + t.given',
  assigned_at: 'now()',
  next_dispatch_at: 'NULL',
  held_until: 'NULL',
  held_reason: 'NULL',
  unreachable_since: 'NULL',
  pinned: 'f.pinned',
  pickup_rank: 't.last + 1',
  dropoff_rank: 't.last + 2',
  planned_pickup_at: 'NULL',
  planned_dropoff_at: 'NULL',
  announced_at: 'NULL',
});

/** Nobody took them off duty: they were not heard from. Read at the version that is locked, or the command looks again. */
const WENT_SILENT = `((k.r).duty = 'OFFLINE' AND (SELECT e.type FROM dispatch.driver_event e WHERE e.driver_id = (k.r).id
    AND (e.type = 'SILENT' OR starts_with(e.type, 'DUTY_')) ORDER BY e.version DESC LIMIT 1) = 'SILENT')`;

/** They said how long they are away; once that is over they are back, whether it was written down or not yet. */
const TAKES_BREAK = `((k.r).duty = 'BUSY' AND (k.r).break_until IS NOT NULL)`;

/**
 * A person gives a delivery to a driver, before pickup also from another driver's hands (two events, one commit). Its
 * stops come last; the next plan may put them elsewhere in the driver's route. Earlier exclusions do not bind a person.
 */
const ASSIGN_DELIVERY = command(
  `shop_id uuid, delivery_id uuid, driver_id uuid, overrides text[], pinned boolean, by_hand boolean`,
  {
    steps: `found AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f JOIN dispatch.delivery x
    ON x.id = f.delivery_id AND x.shop_id = f.shop_id FOR NO KEY UPDATE OF x),
stops AS MATERIALIZED (SELECT w.id, w.version, coalesce(max(x.dropoff_rank), 0) AS last
  FROM fresh f JOIN dispatch.driver w ON w.id = f.driver_id
  LEFT JOIN dispatch.delivery x ON x.driver_id = w.id AND x.dropoff_rank IS NOT NULL GROUP BY w.id),
locked AS MATERIALIZED (SELECT w AS r FROM dispatch.driver w WHERE w.id = ANY (ARRAY(
    SELECT f.driver_id FROM found JOIN fresh f ON f.n = found.n
    UNION SELECT (d).driver_id FROM found WHERE (d).status = 'ASSIGNED')) ORDER BY w.id FOR NO KEY UPDATE OF w),
judged AS MATERIALIZED (SELECT found.n, found.d, k.r, s.last, ((k.r).version = s.version) AS as_seen,
    (found.d).status = 'PENDING' OR (f.by_hand AND (found.d).status = 'ASSIGNED' AND (found.d).driver_id <> f.driver_id) AS open,
    ((found.d).status = 'ASSIGNED')::int AS given,
    array_remove(array[
      CASE WHEN (k.r).id IS NULL OR (k.r).shop_id <> f.shop_id OR NOT (k.r).active THEN 'unknown' END,
      CASE WHEN (k.r).duty <> 'AVAILABLE' AND NOT coalesce(${WENT_SILENT}, false) AND NOT ${TAKES_BREAK} THEN 'off_duty' END,
      CASE WHEN (k.r).load + (k.r).reserved + (found.d).size > (k.r).capacity THEN 'full' END,
      CASE WHEN (NOT coalesce(${HEARD}, false) OR coalesce(${WENT_SILENT}, false)) AND 'silent' <> ALL (f.overrides) THEN 'silent' END,
      CASE WHEN ${TAKES_BREAK} AND (k.r).break_until > now() AND 'on_break' <> ALL (f.overrides) THEN 'on_break' END,
      CASE WHEN (k.r).shift_ends_at <= now() AND 'off_shift' <> ALL (f.overrides) THEN 'off_shift' END], NULL) AS refusals
  FROM found JOIN fresh f ON f.n = found.n LEFT JOIN locked k ON (k.r).id = f.driver_id
  LEFT JOIN stops s ON s.id = f.driver_id LEFT JOIN dispatch.driver_location l ON l.driver_id = f.driver_id),
taken AS MATERIALIZED (SELECT * FROM judged WHERE open AND as_seen AND cardinality(refusals) = 0),
assigned AS MATERIALIZED (SELECT t.n, t.d AS was, t.given, ${ASSIGNED} AS d FROM taken t JOIN fresh f ON f.n = t.n),
confirmed AS MATERIALIZED (SELECT j.n, ${deliveryWith('j.d', { pinned: 'true', version: '(j.d).version + 1' })} AS d FROM judged j JOIN fresh f ON f.n = j.n
  WHERE f.by_hand AND f.pinned AND NOT (j.d).pinned AND (j.d).status = 'ASSIGNED' AND (j.d).driver_id = f.driver_id),
giver AS MATERIALIZED (SELECT t.n, k.r FROM taken t JOIN locked k ON t.given = 1 AND (k.r).id = (t.d).driver_id)`,
    deliveries: 'SELECT n, d FROM assigned UNION ALL SELECT n, d FROM confirmed',
    drivers: `SELECT t.n, ${driverWith('t.r', {
      load: '(t.r).load + (t.d).size',
      // Ranks of stops that are gone are given anew: what a person fixed ends with the stops that are left.
      fixed_rank: 'least((t.r).fixed_rank, t.last)',
    })} AS r, 'ASSIGNED' AS type,
    (t.d).id AS delivery_id, NULL::json AS route FROM taken t
  UNION ALL SELECT g.n, ${driverWith('g.r', {
    load: '(g.r).load - (t.d).size',
    idle_since: 'CASE WHEN (g.r).load = (t.d).size THEN now() ELSE (g.r).idle_since END',
  })}, 'UNASSIGNED', (t.d).id, NULL::json FROM giver g JOIN taken t ON t.n = g.n`,
    events: [
      event({
        from: 'giver g JOIN assigned a ON a.n = g.n',
        n: 'g.n',
        d: 'a.d',
        seq: '(a.d).version - 1',
        type: `'UNASSIGNED'`,
        status: `'PENDING'`,
        driver_id: '(g.r).id',
        driver_version: '(g.r).version + 1',
      }),
      event({
        from: 'assigned a JOIN taken t ON t.n = a.n',
        n: 'a.n',
        d: 'a.d',
        type: `'ASSIGNED'`,
        driver_version: '(t.r).version + 1',
        data: `(SELECT json_strip_nulls(json_build_object('byHand', f.by_hand,
        'override', CASE WHEN cardinality(f.overrides) > 0 THEN to_json(f.overrides) END)) FROM fresh f WHERE f.n = a.n)`,
      }),
      event({ from: 'confirmed', d: 'd', type: `'UPDATED'` }),
    ],
    // No plan chose: its record has nothing but who was given it.
    decisions: `SELECT (a.d).id, (a.d).shop_id, dispatch.uuid_v7(), 'assigned', (a.d).driver_id, 'by_hand', 'by_hand', NULL::int, '{}'::json
  FROM assigned a JOIN fresh f ON f.n = a.n WHERE f.by_hand`,
    answer: `SELECT f.n, CASE
    WHEN (a.d).id IS NOT NULL THEN json_build_object('outcome', 'assigned', 'delivery', row_to_json(a.d))
    WHEN (j.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (j.d).status = 'ASSIGNED' AND (j.d).driver_id = f.driver_id THEN json_build_object('outcome', 'unchanged', 'delivery', coalesce(row_to_json(c.d), row_to_json(j.d)))
    WHEN NOT j.open THEN json_build_object('outcome', 'not_pending', 'delivery', row_to_json(j.d))
    WHEN cardinality(j.refusals) > 0 THEN json_build_object('outcome', 'refused', 'delivery', row_to_json(j.d), 'refusals', j.refusals)
    ELSE json_build_object('outcome', 'moved_on') END AS result,
    (a.d).id IS NOT NULL OR (NOT f.by_hand AND j.open AND cardinality(j.refusals) > 0) AS keep
  FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN assigned a ON a.n = f.n LEFT JOIN confirmed c ON c.n = f.n`,
  },
);

const SNAPSHOTS = 5;

/**
 * Gives a delivery to a driver that was chosen for it by name.
 * @param input.by_hand a person chose: then it may also be taken over from another driver's hands, and a refusal is not
 * kept under the key. Else nobody could be had is as good an answer as any.
 * @param input.overrides refusals that the person sets aside: `silent`, `on_break`, `off_shift`
 * @param input.pinned no plan takes it away again
 */
export async function assignDelivery(
  db: Db,
  who: Requester,
  input: {
    shop_id: string;
    delivery_id: string;
    driver_id: string;
    overrides: readonly string[];
    pinned: boolean;
    by_hand: boolean;
  },
): Promise<CommandResult<Exclude<AssignResult, { outcome: 'moved_on' }>>> {
  for (let snapshot = 1; ; snapshot += 1) {
    const ran = await runCommand<AssignResult>(db, ASSIGN_DELIVERY, who, input);
    if (ran.kind !== 'done' && ran.kind !== 'replayed') return ran;
    const { result } = ran;
    if (result.outcome !== 'moved_on') return { ...ran, result };
    if (snapshot === SNAPSHOTS)
      throw new DependencyAway('postgres', new Error(`the driver's stops changed ${SNAPSHOTS} times meanwhile`));
  }
}
