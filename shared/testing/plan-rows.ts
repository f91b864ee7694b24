import type { Db } from '#shared/db/open-db.ts';
import type { DeliveryRow } from '#shared/db/schema.ts';
import type { PlanInput, PlanPart } from '#shared/db/statements/commit-plan.ts';

/** What a plan changes for one driver; all they hold otherwise stays, in its order, before what they get. */
export interface DriverPlan {
  driver: string;
  gets?: readonly string[];
  loses?: readonly string[];
}

/** A plan as the engine would send it, made for what the tables say now. Drivers of one call are one group. */
export async function planFor(db: Db, shop_id: string, plans: readonly DriverPlan[]): Promise<PlanInput> {
  const rows = await Promise.all(plans.map((plan, grp) => rowFor(db, plan, moves(plans) ? 0 : grp)));
  return {
    shop_id,
    rows: rows.map(({ row }) => row),
    parts: rows.flatMap(({ parts }) => parts),
    holds: [],
    decisions: [],
    eta_change_s: 300,
  };
}

function moves(plans: readonly DriverPlan[]): boolean {
  return plans.some(({ loses = [] }) => loses.length > 0);
}

const NOWHERE = { version: null, pickup_rank: null, dropoff_rank: null, pickup_at: null, dropoff_at: null, data: null };

async function rowFor(db: Db, { driver, gets = [], loses = [] }: DriverPlan, grp: number) {
  const [found] = await db.run<{ version: number; deliveries: DeliveryRow[] }>(
    `SELECT d.version::int AS version, (SELECT coalesce(json_agg(row_to_json(x) ORDER BY x.dropoff_rank), '[]') FROM dispatch.delivery x
       WHERE (x.driver_id = d.id AND x.dropoff_rank IS NOT NULL) OR x.id = ANY($2::uuid[])) AS deliveries
     FROM dispatch.driver d WHERE d.id = $1`,
    [driver, `{${gets.join(',')}}`],
  );
  if (found === undefined) throw new Error(`no driver ${driver}`);
  const route: [string, string][] = [];
  const parts = found.deliveries.map((delivery): PlanPart => {
    const part = { ...NOWHERE, driver, delivery: delivery.id };
    if (loses.includes(delivery.id)) return { ...part, role: 'taken' };
    const isNew = gets.includes(delivery.id);
    const pickup_rank = isNew || delivery.pickup_rank !== null ? route.push([delivery.id, 'pickup']) : null;
    const dropoff_rank = route.push([delivery.id, delivery.status === 'FAILED' ? 'return' : 'dropoff']);
    const at = new Date(Date.now() + dropoff_rank * 60_000).toISOString();
    const planned = { pickup_rank, dropoff_rank, pickup_at: at, dropoff_at: at };
    return { ...part, ...planned, role: isNew ? 'new' : 'kept', version: isNew ? delivery.version : null };
  });
  return { row: { driver, version: found.version, grp, fixed_rank: 0, changes: true, route }, parts };
}
