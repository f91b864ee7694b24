import { setTimeout as pause } from 'node:timers/promises';
import type { Answered, Wish } from './ask.ts';
import type { Bench } from './bench.ts';
import { STILL_SERVED } from './check/crowds.ts';
import type { Fault } from './fault.ts';
import type { Facts, Kind } from './history.ts';
import type { BenchDriver } from './world.ts';

/*
 * Nothing is broken here: everybody comes at once. The crowd has a shop of its own, its drivers stand at one point, and
 * one stands alone far away. Its requests are recorded like all others, so every invariant is checked over them.
 */

const WORKERS = 2;
let keys = 0;

function wish({ world: { crowd } }: Bench, kind: Kind, part: Pick<Wish, 'method' | 'path' | 'body' | 'target'>): Wish {
  keys += 1;
  const headers = { authorization: `Bearer ${crowd.key}` };
  return { kind, shop: crowd.slug, headers, key: `k-${crowd.slug}-${keys}`, ...part };
}

function order(bench: Bench, pickup: unknown, dropoff: unknown): Wish {
  const made = wish(bench, 'create', { method: 'POST', path: '/v1/deliveries' });
  return { ...made, body: { pickup, dropoff, notes: made.key } };
}

const atOnce = (bench: Bench, wishes: readonly Wish[]) =>
  Promise.all(wishes.map((each, n) => bench.ask.settle(each, n % WORKERS, 'politely')));

/** The shop says for the whole crowd where it is: a driver nobody has heard from for a minute is given nothing. */
async function reportAll(bench: Bench, drivers: readonly BenchDriver[]): Promise<void> {
  const recordedAt = new Date().toISOString();
  const fixes = drivers.map((driver) => ({ driverId: driver.id, ...driver.at, recordedAt }));
  const part = { method: 'POST', path: '/v1/locations', body: { fixes } } as const;
  await bench.ask.settle({ ...wish(bench, 'fixes', part), reported: drivers.map((driver) => driver.id) }, 0);
}

/** How many of them the service has answered that it is so. */
async function dutyAll(bench: Bench, drivers: readonly BenchDriver[], status: string): Promise<number> {
  const answers = await atOnce(
    bench,
    drivers.map((driver) =>
      wish(bench, 'duty', {
        method: 'PUT',
        path: `/v1/drivers/${driver.id}/status`,
        body: { status },
        target: driver.id,
      }),
    ),
  );
  return answers.filter(({ outcome }) => outcome === 'ok').length;
}

/** Whoever has fallen silent since the last time is back. How many are on duty. */
async function ready(bench: Bench, drivers: readonly BenchDriver[]): Promise<number> {
  await reportAll(bench, drivers);
  return dutyAll(bench, drivers, 'AVAILABLE');
}

async function cancelAll(bench: Bench, ids: readonly string[]): Promise<void> {
  await atOnce(
    bench,
    ids.map((id) =>
      wish(bench, 'cancel', { method: 'POST', path: `/v1/deliveries/${id}/cancel`, body: {}, target: id }),
    ),
  );
}

const createdBy = (answers: readonly Answered[]) => answers.flatMap((each) => each.deliveries.map(({ id }) => id));

/** What Postgres says became of these: how many are assigned, and how long the last of them took. */
async function assignedOf({ postgres: { db } }: Bench, ids: readonly string[]): Promise<{ n: number; ms: number }> {
  const [row] = await db.run<{ n: number; ms: number }>(
    `SELECT count(*)::int AS n, coalesce(max(extract(epoch from x.assigned_at - x.created_at)) * 1000, 0)::int AS ms
     FROM dispatch.delivery x WHERE x.id = ANY($1::uuid[]) AND x.driver_id IS NOT NULL`,
    [`{${ids.join(',')}}`],
  );
  return row ?? { n: 0, ms: 0 };
}

/** Past what they promise (10 s), since one that comes later is late and not lost. */
const WAIT_MS = 15_000;

async function ordersForAll(bench: Bench): Promise<Facts> {
  const { drivers, center, away } = bench.world.crowd;
  const onDuty = await ready(bench, drivers);
  const startedMs = Date.now();
  const answers = await atOnce(
    bench,
    drivers.map(() => order(bench, center, away)),
  );
  const slowestMs = Math.max(...answers.map((each) => each.endMs - each.startMs));
  const ids = createdBy(answers);
  let assigned = await assignedOf(bench, ids);
  while (assigned.n < ids.length && Date.now() < startedMs + WAIT_MS) {
    await pause(100);
    assigned = await assignedOf(bench, ids);
  }
  await cancelAll(bench, ids);
  return {
    offered: drivers.length,
    onDuty,
    orders: ids.length,
    assigned: assigned.n,
    lastAssignedMs: assigned.ms,
    slowestMs,
  };
}

async function ordersForOne(bench: Bench): Promise<Facts> {
  const { drivers, lone, center } = bench.world.crowd;
  await ready(bench, [lone]);
  const ids = createdBy(
    await atOnce(
      bench,
      drivers.map(() => order(bench, lone.at, center)),
    ),
  );
  const won = await bench.postgres.db.run<{ id: string }>(
    'SELECT id FROM dispatch.delivery WHERE id = ANY($1::uuid[]) AND driver_id IS NOT NULL',
    [`{${ids.join(',')}}`],
  );
  // Those that wait go first: the driver who becomes free would get another of them.
  const winners = new Set(won.map((row) => row.id));
  await cancelAll(
    bench,
    ids.filter((id) => !winners.has(id)),
  );
  await cancelAll(bench, [...winners]);
  return { winners: winners.size };
}

/** Of the crowd. */
const FLAPPING = 0.5;
const FLAP_EVERY_MS = 200;

async function flap(bench: Bench, durationMs: number): Promise<Facts> {
  const { drivers } = bench.world.crowd;
  const untilMs = Date.now() + durationMs;
  const flapOne = async (driver: BenchDriver, n: number) => {
    for (let turn = n; Date.now() < untilMs; turn += 1) {
      await dutyAll(bench, [driver], turn % 2 === 0 ? 'AVAILABLE' : 'OFFLINE');
      await pause(FLAP_EVERY_MS);
    }
  };
  await Promise.all(drivers.slice(0, drivers.length * FLAPPING).map(flapOne));
  return {};
}

/** Enough to keep both workers' connections to Postgres busy, and ten times that. */
const SENDERS = 40;
const OVERLOAD = 10;
const ATTEMPTS = 3;
const MEASURED_MS = 2_000;
/** Until those who came in the same instant have been served or refused. */
const ARRIVING_MS = 600;
/** What `Retry-After` asks of a refused sender. */
const REFUSED_MS = 1_000;

/** @returns orders taken a second, with so many senders who rest only when they are refused */
async function served(bench: Bench, senders: number): Promise<number> {
  const fromMs = Date.now() + ARRIVING_MS;
  const untilMs = fromMs + MEASURED_MS;
  let taken = 0;
  const send = async (n: number) => {
    while (Date.now() < untilMs) {
      const { center } = bench.world.crowd;
      const answered = await bench.ask.once(order(bench, center, { address: 'to be told' }), n % WORKERS);
      if (answered.outcome !== 'ok') await pause(REFUSED_MS);
      else if (answered.endMs >= fromMs && answered.endMs < untilMs) taken += 1;
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, n) => send(n)));
  return Math.round((taken * 1_000) / MEASURED_MS);
}

/** The best of a few: other work on the machine comes and goes, a service that gives way under load does so each time. */
async function overload(bench: Bench): Promise<Facts> {
  let best = { servedPerS: 0, overloadedPerS: 0 };
  const ratio = () => best.overloadedPerS / Math.max(1, best.servedPerS);
  for (let attempt = 0; attempt < ATTEMPTS && ratio() < STILL_SERVED; attempt += 1) {
    const servedPerS = await served(bench, SENDERS);
    const overloadedPerS = await served(bench, SENDERS * OVERLOAD);
    if (overloadedPerS / Math.max(1, servedPerS) > ratio()) best = { servedPerS, overloadedPerS };
  }
  return best;
}

const crowd = (name: string, come: (bench: Bench, durationMs: number) => Promise<Facts>): Fault => ({
  name,
  group: 'crowd',
  inject: async (bench, durationMs, note) => {
    note(await come(bench, durationMs));
    return async () => {};
  },
});

export const CROWD_FAULTS: readonly Fault[] = [
  crowd('crowd_orders_for_as_many_drivers', ordersForAll),
  crowd('crowd_orders_for_one_driver', ordersForOne),
  crowd('crowd_drivers_flapping', flap),
  crowd('crowd_ten_times_overload', overload),
];
