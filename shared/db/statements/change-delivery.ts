import type { Db } from '../open-db.ts';
import type { DeliveryRow } from '../schema.ts';
import { command, deliveryWith, event } from './command.ts';
import { type Ran, runCommand, type Who } from './run-command.ts';

/** Only what is present changes; `pickup` and `dropoff` are merged into what is stored. */
export interface DeliveryChange {
  pickup?: Record<string, unknown>;
  pickup_lat?: number;
  pickup_lon?: number;
  pickup_ready_at?: string;
  pickup_after?: string;
  pickup_before?: string;
  pickup_service_s?: number;
  dropoff?: Record<string, unknown>;
  dropoff_lat?: number;
  dropoff_lon?: number;
  dropoff_after?: string;
  dropoff_before?: string;
  dropoff_service_s?: number;
  size?: number;
  requires?: readonly string[];
  priority?: number;
  hard_windows?: boolean;
  excluded_driver_ids?: readonly string[];
  notes?: string;
  pincode?: string;
}

export type ChangeDeliveryResult =
  | { outcome: 'changed' | 'not_pending'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

/** Columns that take what was sent, where something was. */
const PLAIN = [
  'pickup_lat',
  'pickup_lon',
  'pickup_ready_at',
  'pickup_after',
  'pickup_before',
  'pickup_service_s',
  'dropoff_lat',
  'dropoff_lon',
  'dropoff_after',
  'dropoff_before',
  'dropoff_service_s',
  'size',
  'requires',
  'priority',
  'hard_windows',
  'excluded_driver_ids',
  'notes',
  'pincode',
];
const merged = (end: 'pickup' | 'dropoff') => `((j.d).${end}::jsonb || coalesce(f.${end}::jsonb, '{}'))::json`;

/** The engine looks again at whatever it had put off: its window or its place may be another one now. */
const SOUGHT_AGAIN = `j.located AND (j.d).dispatch IN ('needs_location','scheduled','held')`;

const CHANGED = deliveryWith('j.d', {
  ...Object.fromEntries(PLAIN.map((column) => [column, `coalesce(f.${column}, (j.d).${column})`])),
  pickup: merged('pickup'),
  dropoff: merged('dropoff'),
  version: '(j.d).version + 1',
  dispatch: `CASE WHEN ${SOUGHT_AGAIN} THEN 'searching' ELSE (j.d).dispatch END`,
  due_at: `CASE WHEN ${SOUGHT_AGAIN} THEN now() ELSE (j.d).due_at END`,
  next_dispatch_at: `CASE WHEN j.located AND (j.d).dispatch NOT IN ('paused','exhausted') THEN now() ELSE (j.d).next_dispatch_at END`,
  held_until: `CASE WHEN ${SOUGHT_AGAIN} THEN NULL ELSE (j.d).held_until END`,
  held_reason: `CASE WHEN ${SOUGHT_AGAIN} THEN NULL ELSE (j.d).held_reason END`,
});

/** Details of a delivery that waits. One that waited for coordinates and now has both is searched for at once. */
const CHANGE_DELIVERY = command(
  `shop_id uuid, delivery_id uuid, order_ref text, pickup json, pickup_lat float8, pickup_lon float8,
   pickup_ready_at timestamptz, pickup_after timestamptz, pickup_before timestamptz, pickup_service_s int,
   dropoff json, dropoff_lat float8, dropoff_lon float8, dropoff_after timestamptz, dropoff_before timestamptz,
   dropoff_service_s int, size smallint, requires text[], priority smallint, hard_windows boolean,
   excluded_driver_ids uuid[], notes text, pincode text`,
  {
    steps: `found AS MATERIALIZED (SELECT f.n, x AS d FROM fresh f JOIN dispatch.delivery x
    ON x.shop_id = f.shop_id AND (x.id = f.delivery_id OR x.order_ref = f.order_ref) FOR NO KEY UPDATE OF x),
judged AS MATERIALIZED (SELECT found.n, found.d, coalesce(f.pickup_lat, (found.d).pickup_lat) IS NOT NULL
    AND coalesce(f.dropoff_lat, (found.d).dropoff_lat) IS NOT NULL AS located FROM found JOIN fresh f ON f.n = found.n),
altered AS MATERIALIZED (SELECT j.n, ${CHANGED} AS d FROM judged j JOIN fresh f ON f.n = j.n WHERE (j.d).status = 'PENDING')`,
    deliveries: 'SELECT n, d FROM altered',
    events: [event({ from: 'altered', d: 'd', type: `'UPDATED'` })],
    answer: `SELECT f.n, CASE WHEN (a.d).id IS NOT NULL THEN
      json_build_object('outcome', 'changed', 'delivery', row_to_json(a.d))
    WHEN (j.d).id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', 'not_pending', 'delivery', row_to_json(j.d)) END AS result,
    (a.d).id IS NOT NULL AS keep FROM fresh f LEFT JOIN judged j ON j.n = f.n LEFT JOIN altered a ON a.n = f.n`,
  },
);

/** Changes a waiting delivery, found by its id or by its order. */
export function changeDelivery(
  db: Db,
  who: Who,
  which: { shop_id: string; delivery_id: string | null; order_ref: string | null },
  change: DeliveryChange,
): Promise<Ran<ChangeDeliveryResult>> {
  return runCommand<ChangeDeliveryResult>(db, CHANGE_DELIVERY, who, { ...change, ...which });
}
