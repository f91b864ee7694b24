import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ageWaiting } from './age-waiting.ts';
import { type Asker, openAsker } from './ask.ts';
import type { Bench } from './bench.ts';
import { collect, type FromDatabase } from './collect.ts';
import { refuseUnaided, wakeLast } from './end-of-run.ts';
import { MAIN_FAULTS, MORE_FAULTS } from './every-fault.ts';
import type { Fault } from './fault.ts';
import { CLOCK_FAULTS } from './faults-of-clocks.ts';
import { RECEIVER_FAULTS } from './faults-of-receivers.ts';
import { followShops } from './follow-shops.ts';
import { leftoversOf, watchBase } from './footprint.ts';
import type { Evidence, FaultWindow, Operation } from './history.ts';
import { runLoad } from './load.ts';
import { openLoadPace } from './load-pace.ts';
import { lookAgain } from './look-again.ts';
import { watchMachine } from './machine.ts';
import { openMonitor } from './monitor.ts';
import type { Options } from './options.ts';
import { LONG_MINUTES } from './pace.ts';
import { openProcessWatch, startServiceProcess } from './processes.ts';
import { openRandom } from './random.ts';
import { openReceiver } from './receiver.ts';
import { runReceiverTrack, runSchedule, type ScheduleDeps } from './schedule.ts';
import { untilSettled } from './settle.ts';
import { openBenchPostgres, openBenchRedis } from './stores.ts';
import { watchPositions } from './watch-positions.ts';
import { watchWaiting } from './watch-waiting.ts';
import { buildWorld, GONE, type World } from './world.ts';

/** The crowd of a long run; a short one would do nothing else. */
const CROWD = 1_000;
const SMALL_CROWD = 200;
/** Before anything is broken: every connection meets its first statements, and the load finds its pace. */
const WARM_UP_MS = 4_000;
const LONG_WARM_UP_MS = 20_000;
const PACE_EVERY_MS = 2_000;

/**
 * Starts everything, breaks it, heals it, and brings home the evidence.
 * @param root the tree whose `dist/` is put to the test
 */
export async function runBench(
  options: Pick<Options, 'seed' | 'only' | 'minutes'>,
  root: string,
  say: (line: string) => void,
): Promise<Evidence> {
  const random = openRandom(options.seed);
  const stops: (() => Promise<unknown> | unknown)[] = [];
  try {
    const watch = openProcessWatch(path.join(root, 'dist', 'faults'));
    const postgres = await openBenchPostgres();
    stops.push(postgres.stop);
    const redis = await openBenchRedis();
    stops.push(redis.stop);
    const receiver = await openReceiver();
    stops.push(receiver.close);
    const operatorKey = randomBytes(24).toString('base64url');
    const env = {
      TOKEN_SECRET: randomBytes(32).toString('base64url'),
      OPERATOR_KEY: operatorKey,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      // There are links for customers only where the service knows what it is called.
      PUBLIC_URL: 'http://127.0.0.1',
    };
    watch.forbid([env.TOKEN_SECRET]);
    const start = async (name: string, script: 'server' | 'relay') => {
      const links = { postgres: await postgres.faulty.of(name), redis: await redis.faulty.of(name) };
      const stores = {
        DATABASE_URL: postgres.urlFor(links.postgres),
        REDIS_URL: `redis://127.0.0.1:${links.redis.port}`,
      };
      return startServiceProcess({ name, root, script, env: { ...env, ...stores }, links, watch });
    };
    const workers = await Promise.all([start('worker 0', 'server'), start('worker 1', 'server')]);
    const relays = await Promise.all([start('relay 0', 'relay'), start('relay 1', 'relay')]);
    for (const child of [...workers, ...relays]) stops.push(child.stop);
    const operations: Operation[] = [];
    const ending = new AbortController();
    // Each actor listens for the end.
    setMaxListeners(0, ending.signal);
    const ask = openAsker(
      workers.map((worker) => worker.port),
      (operation, secrets) => {
        operations.push(operation);
        watch.forbidWords(secrets);
      },
      ending.signal,
    );
    stops.push(ask.close);
    const crowdSize = options.minutes < LONG_MINUTES ? SMALL_CROWD : CROWD;
    const world = await buildWorld(ask, operatorKey, receiver, random.fork(), crowdSize);
    receiver.set(GONE, 'gone');
    watch.forbid(world.secrets);
    const bench: Bench = { postgres, redis, workers, relays, receiver, random: random.fork(), ask, world };
    const found = await breakAndHeal({ bench, world, ask, operations, ending, say }, options);
    // Stopped before the tables and the processes' own words are read: their last ones count too.
    await Promise.all([...workers, ...relays].map((child) => child.stop()));
    return { ...found, ...(await collect(postgres.db, world, receiver)), processes: watch.facts() };
  } catch (error) {
    // At once: what follows may take a while.
    console.error(error);
    throw error;
  } finally {
    for (const stop of stops.reverse()) await Promise.race([stop(), pause(15_000, null, { ref: false })]);
  }
}

interface Running {
  bench: Bench;
  world: World;
  ask: Asker;
  operations: Operation[];
  ending: AbortController;
  say: (line: string) => void;
}

async function breakAndHeal(
  running: Running,
  { only, minutes }: Pick<Options, 'only' | 'minutes'>,
): Promise<Omit<Evidence, keyof FromDatabase | 'processes'>> {
  const { bench, world, ask, operations, ending, say } = running;
  const watching = new AbortController();
  const db = bench.postgres.db;
  const shopIds = [...world.shops, world.crowd].map((shop) => shop.id);
  const monitor = openMonitor(db, bench.redis.own, shopIds, watching.signal);
  const waits = watchWaiting(db, shopIds, watching.signal);
  const ageing = ageWaiting(
    db,
    world.shops.map((shop) => shop.id),
    ending.signal,
  );
  const ports = bench.workers.map((worker) => worker.port);
  const followers = followShops(world.shops, ports, watching.signal);
  const positions = watchPositions(db, bench.redis.own, shopIds, watching.signal);
  const machine = watchMachine();
  const windows: FaultWindow[] = [];
  const pace = openLoadPace(operations, windows);
  const load = runLoad(world, ask, bench.random.fork(), pace.stretch, ending.signal);
  const probes = Promise.all(bench.workers.map((_, worker) => probeHealth(ask, worker, ending.signal)));
  const processes = [...bench.workers, ...bench.relays];
  void lookAgain(async () => pace.look(), PACE_EVERY_MS, ending.signal);
  await pause(minutes < LONG_MINUTES ? WARM_UP_MS : LONG_WARM_UP_MS);
  const base = await watchBase(processes);
  const deps: ScheduleDeps = { bench, monitor, operations, windows, say };
  const chosen = (faults: readonly Fault[]) =>
    faults
      .filter((fault) => only === null || only.some((part) => fault.name.includes(part)))
      .filter((fault) => minutes >= (fault.minMinutes ?? 0));
  const { faults, beside } = lanes(chosen, minutes);
  const receiverEnd = new AbortController();
  const track = runReceiverTrack(deps, chosen(RECEIVER_FAULTS), minutes, receiverEnd.signal);
  const skipped = await runSchedule(deps, { faults, beside }, minutes);
  if (faults.length === 0) await pause(minutes * 60_000);
  receiverEnd.abort();
  await track;
  const takeAgain = await refuseUnaided(bench);
  await pause(1_500);
  await wakeLast(deps, faults, ending);
  const refusing = takeAgain();
  await Promise.all([load, probes, ageing]);
  const seenOfMachine = machine();
  say('healed; waiting for what is still under way');
  const settled = await untilSettled(bench, monitor, refusing);
  const follows = await followers.settle(db);
  watching.abort();
  // What its clients keep open for their next request is not the process's.
  bench.ask.close();
  await pause(LET_GO_MS);
  const { arrivals } = bench.receiver;
  return {
    operations,
    faults: windows,
    skipped,
    mismatches: monitor.mismatches(),
    waits: waits(),
    follows,
    ...settled,
    arrivals,
    redirectsFollowed: bench.receiver.redirectsFollowed(),
    positions: positions(),
    leftovers: leftoversOf(processes, base),
    machine: { ...seenOfMachine, loadStretch: pace.usual() },
  };
}

/**
 * What is broken one by one, and what beside it. A short run has no time for each of the second kind by itself, and a
 * long one also breaks two of the first at once.
 */
function lanes(chosen: (faults: readonly Fault[]) => readonly Fault[], minutes: number) {
  const main = chosen(MAIN_FAULTS);
  const more = chosen(MORE_FAULTS);
  if (minutes < LONG_MINUTES && main.length > 0) return { faults: main, beside: more };
  const short = main.filter(
    (fault) =>
      fault.group !== 'crowd' &&
      fault.group !== 'caller' &&
      !CLOCK_FAULTS.includes(fault) &&
      !fault.prepare &&
      !fault.durationMs,
  );
  return { faults: [...main, ...more], beside: [...more, ...short] };
}

/** Until a server has seen that a connection was closed. */
const LET_GO_MS = 1_000;
async function probeHealth(ask: Asker, worker: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ask.once({ kind: 'health', shop: '', method: 'GET', path: '/health' }, worker);
    await pause(200, undefined, { signal }).catch(() => {});
  }
}
