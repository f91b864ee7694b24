import { randomUUID } from 'node:crypto';
import type { Db } from '#shared/db/open-db.ts';
import { commitPlan, type PlanDecision, type PlanInput, type PlanPart } from '#shared/db/statements/commit-plan.ts';
import { fillFinished, fillWaiting } from '#shared/testing/large-tables.ts';
import { median, percentile, type Row, sample } from './figures.ts';
import { withCpu } from './process-cpu.ts';
import { CENTER, clearShops, defaultShopId, driverIdOf, placeNear, seedDrivers, seeded } from './seed.ts';
import { short } from './table.ts';
import type { World } from './world.ts';

const FINISHED = 100_000;
const DRIVERS_IN_PLAN = 50;
const NEW_EACH = 3;
const KEPT_EACH = 3;
const WARM_UP = 10;
const PLANS = 60;
const WANTED_MS = 20;

/** One plan for 50 drivers, committed: three new deliveries for each, behind three they have, and why. */
export async function commitRow(world: World): Promise<Row> {
  const { db, postgres } = world;
  const service = await world.startService();
  const shopId = await defaultShopId(db);
  await service.stop();
  await clearShops(db);
  const random = seeded(11);
  const drivers = (WARM_UP + PLANS) * DRIVERS_IN_PLAN;
  const places = Array.from({ length: drivers }, () => placeNear(CENTER, 8_000, random));
  await seedDrivers(db, shopId, places, { capacity: NEW_EACH + KEPT_EACH });
  await fillFinished(db, shopId, FINISHED);
  await fillKept(db, shopId);
  await fillWaiting(db, shopId, drivers * NEW_EACH);
  const held = await readHeld(db, shopId);
  await db.run('VACUUM ANALYZE dispatch.delivery, dispatch.driver');
  const commits = async (from: number, count: number) => {
    const times: number[] = [];
    for (let n = from; n < from + count; n += 1) {
      const those = held.slice(n * DRIVERS_IN_PLAN, (n + 1) * DRIVERS_IN_PLAN);
      times.push(await commit(db, planOf(shopId, those)));
    }
    return times;
  };
  const each = DRIVERS_IN_PLAN * NEW_EACH;
  await db.run("UPDATE dispatch.driver_location SET seen_at = now() + interval '1 h'");
  await commits(0, WARM_UP);
  const { result: times, cpuUs } = await withCpu([postgres.pid], async () => {
    return { result: await commits(WARM_UP, PLANS), operations: PLANS * each };
  });
  const p50Ms = median(times);
  return {
    name: `commit of a plan, ${DRIVERS_IN_PLAN} drivers`,
    unit: 'orders/s',
    ours: sample((each * 1_000) / p50Ms, { p50Ms, p99Ms: percentile(times, 99), cpuUs }),
    floor: null,
    ratio: null,
    wanted: `≤ ${WANTED_MS} ms p50`,
    reached: p50Ms <= WANTED_MS,
    notes: [
      `${PLANS} plans of ${each} new deliveries and ${DRIVERS_IN_PLAN * KEPT_EACH} kept, a decision record for each new one; ${short(FINISHED)} finished deliveries and ${short(drivers)} drivers in the tables; a driver's tap waits as long`,
    ],
  };
}

interface Held {
  driver: string;
  kept: readonly string[];
  waiting: readonly string[];
}

/** So many stops in hand for each driver, pickup and dropoff in turn. */
async function fillKept(db: Db, shopId: string): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.delivery (shop_id, status, dispatch, version, driver_id, pickup_lat, pickup_lon, pickup, dropoff_lat,
       dropoff_lon, dropoff, assigned_at, pickup_rank, dropoff_rank, planned_pickup_at, planned_dropoff_at)
     SELECT $1, 'ASSIGNED', 'settled', 2, d.id, 52.5291, 13.4013, '{}', 52.53, 13.41, '{}', now(), 2 * n - 1, 2 * n, now(), now()
     FROM dispatch.driver d, generate_series(1, $2::int) n`,
    [shopId, KEPT_EACH],
  );
  await db.run('UPDATE dispatch.driver SET load = $1::int', [KEPT_EACH]);
}

/** By driver: what they have, and what they are to be given. */
async function readHeld(db: Db, shopId: string): Promise<readonly Held[]> {
  const kept = await db.run<{ driver: string; ids: string[] }>(
    `SELECT driver_id AS driver, json_agg(id ORDER BY dropoff_rank) AS ids FROM dispatch.delivery
     WHERE shop_id = $1 AND dropoff_rank IS NOT NULL GROUP BY driver_id ORDER BY driver_id`,
    [shopId],
  );
  const waiting = await db.run<{ id: string }>(
    `SELECT id FROM dispatch.delivery WHERE shop_id = $1 AND dispatch = 'searching' ORDER BY id`,
    [shopId],
  );
  return kept.map(({ driver, ids }, n) => {
    const given = waiting.slice(n * NEW_EACH, (n + 1) * NEW_EACH);
    return { driver, kept: ids, waiting: given.map(({ id }) => id) };
  });
}

async function commit(db: Db, input: PlanInput): Promise<number> {
  const began = performance.now();
  const ran = await commitPlan(db, { actor: 'dispatch', idempotency: null }, input);
  const ms = performance.now() - began;
  if (ran.kind !== 'done' || !ran.result.rows.every(({ won }) => won)) {
    throw new Error(`a plan that nothing speaks against lost: ${JSON.stringify(ran).slice(0, 300)}`);
  }
  return ms;
}

function planOf(shop_id: string, held: readonly Held[]): PlanInput {
  const plan_id = randomUUID();
  const rows = held.map(({ driver, kept, waiting }, grp) => {
    const stops = [...kept, ...waiting].flatMap((id) => [[id, 'pickup'] as const, [id, 'dropoff'] as const]);
    return { driver, version: 1, grp, fixed_rank: 0, changes: true, route: stops };
  });
  const parts = held.flatMap(({ driver, kept, waiting }) => [
    ...kept.map((delivery, place) => partOf(driver, delivery, 'kept', place)),
    ...waiting.map((delivery, place) => partOf(driver, delivery, 'new', kept.length + place)),
  ]);
  const decisions = held.flatMap(({ driver, waiting }) => waiting.map((id) => decisionOf(plan_id, driver, id)));
  return { shop_id, rows, parts, holds: [], decisions, eta_change_s: 300 };
}

function partOf(driver: string, delivery: string, role: 'new' | 'kept', place: number): PlanPart {
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  return {
    driver,
    delivery,
    role,
    version: role === 'new' ? 1 : null,
    pickup_rank: 2 * place + 1,
    dropoff_rank: 2 * place + 2,
    pickup_at: at(10 * place + 5),
    dropoff_at: at(10 * place + 10),
    data: role === 'new' ? { reason: 'must_leave', distanceM: 812 } : null,
  };
}

/** As large as the engine's. */
function decisionOf(plan_id: string, driver: string, delivery: string): PlanDecision {
  const alternatives = Array.from({ length: 5 }, (_, n) => ({ driverId: driverIdOf(n), extraS: 60 * n }));
  const parts = { waitingS: 1_204, lateS: 0, drivingS: 311, otherS: 12 };
  const size = { deliveries: 300, drivers: 150, rounds: 200, ms: 64, travel: 'learned', settings: '0123456789ab' };
  const data = { ...size, parts, alternatives, ruledOut: { capacity: 12, too_far: 40 } };
  return {
    plan_id,
    delivery,
    outcome: 'assigned',
    driver,
    reason: 'must_leave',
    policy: 'planned',
    cost_s: 1_527,
    data,
  };
}
