import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { mutationsDuring } from './check/promises.ts';
import type { Fault, Note } from './fault.ts';
import type { FaultWindow, Operation } from './history.ts';
import type { Monitor } from './monitor.ts';
import { LONG_MINUTES, longestFirst, openPace } from './pace.ts';
import type { Random } from './random.ts';

export interface ScheduleDeps {
  bench: Bench;
  monitor: Monitor;
  operations: readonly Operation[];
  windows: FaultWindow[];
  say: (line: string) => void;
}

/** Mutations under way while a fault lasts. */
const MET_AT_LEAST = 25;
/** Given up waiting for the service to be well again; the checks will say so. */
const WELL_WITHIN_MS = 14_000;

/** A machine on which each fault takes long to get over comes to an end all the same. */
const OVERRUN = 1.25;

/**
 * One fault after another, each at least once, those that need long first, over and over in a new order until `minutes`
 * have passed; beside many of them one of another kind, which begins later and ends before or after.
 * @returns the names of those there was no time for, a quarter past `minutes`
 */
export async function runSchedule(
  deps: ScheduleDeps,
  { faults, beside }: { faults: readonly Fault[]; beside: readonly Fault[] },
  minutes: number,
): Promise<readonly string[]> {
  if (faults.length === 0) return [];
  const { random } = deps.bench;
  const untilMs = Date.now() + minutes * 60_000;
  const endMs = Date.now() + minutes * 60_000 * OVERRUN;
  const pace = openPace();
  const partnerOf = openPartners(random, beside);
  let isWaitedFor = false;
  for (let round = 0; round === 0 || Date.now() < untilMs; round += 1) {
    const order = longestFirst(random.shuffled(faults));
    for (const fault of order) await fault.prepare?.(deps.bench);
    for (const [place, fault] of order.entries()) {
      if (round > 0 && Date.now() >= untilMs) return [];
      if (Date.now() >= endMs) return order.slice(place).map((each) => each.name);
      const startMs = Date.now();
      const roundMs = round === 0 ? untilMs - startMs : minutes * 60_000;
      const lastsMs = pace.lastsMs(order.slice(place), roundMs, random.between(0.7, 1));
      const partner = partnerOf(fault);
      const isByItself = partner === null && isJudgedAlone(fault);
      const hasTime = minutes >= LONG_MINUTES && lastsMs >= QUIET_FROM_MS;
      if (hasTime && (isByItself || isWaitedFor)) await quiet(deps.windows);
      // What was to be sent meanwhile may take its time.
      isWaitedFor = isByItself && fault.group === 'relay';
      await Promise.all([runFault(deps, fault, lastsMs), runBeside(deps, partner, lastsMs)]);
      await untilWell(deps, Date.now());
      pace.took(Date.now() - startMs - lastsMs);
    }
  }
  return [];
}

/** What was broken before excuses for as long, and of what is judged against the rest nothing would be left. */
const QUIET_MS = 10_000;
/** Where faults have to be shorter than that already there is no time for it. */
const QUIET_FROM_MS = 6_000;

/** Nobody else may notice: what the checks say of those is about requests that no other fault excuses. */
const isJudgedAlone = ({ group, alone }: Fault) => group === 'redis' || group === 'caller' || alone !== undefined;

/** Until the last fault is so long over; it costs the faults of a long run a little of their time (pace.ts). */
async function quiet(windows: readonly FaultWindow[]): Promise<void> {
  const ends = windows.filter(({ group }) => group !== 'receiver').map(({ endMs }) => endMs);
  await pause(Math.max(0, Math.max(0, ...ends) + QUIET_MS - Date.now()));
}

/** Of the faults that may have company. */
const ACCOMPANIED = 0.6;
/** A crowd is counted, so is what is refused beside a hostile caller, a wrong clock is told by what it refuses. */
const ALONE = /^(crowd|worker_clock|caller)_/;

/** @returns who breaks beside a fault: another kind each time, all in turn */
function openPartners(random: Random, beside: readonly Fault[]): (fault: Fault) => Fault | null {
  let left: Fault[] = [];
  return (fault) => {
    if (beside.length === 0 || ALONE.test(fault.name) || fault.minMinutes !== undefined) return null;
    if (!random.chance(ACCOMPANIED)) return null;
    if (left.length === 0) left = random.shuffled(beside);
    const place = left.findIndex((each) => each.group !== fault.group);
    return left.splice(place, place < 0 ? 0 : 1)[0] ?? null;
  };
}

async function runBeside(deps: ScheduleDeps, fault: Fault | null, besideMs: number): Promise<void> {
  if (fault === null) return;
  const { random } = deps.bench;
  const lateMs = besideMs * random.between(0.1, 0.5);
  const durationMs = fault.durationMs ?? besideMs * random.between(0.4, 0.8);
  await pause(lateMs);
  await runFault(deps, fault, durationMs);
}

async function runFault(
  { bench, windows, operations, say }: ScheduleDeps,
  fault: Fault,
  durationMs: number,
): Promise<void> {
  const { name, group, worker = null, alone } = fault;
  const window: FaultWindow = {
    name,
    group,
    worker,
    ...(alone !== undefined && { alone }),
    startMs: Date.now(),
    endMs: Number.POSITIVE_INFINITY,
  };
  windows.push(window);
  say(`${new Date(window.startMs).toISOString().slice(11, 19)}  ${name}`);
  const note: Note = (facts, met = worker) => void Object.assign(window, { facts, worker: met });
  const heal = await fault.inject(bench, durationMs, note);
  await pause(Math.max(0, durationMs - (Date.now() - window.startMs)));
  await untilMet(window, operations, window.startMs + durationMs * 3);
  await heal();
  window.endMs = Date.now();
}

/** A busy machine does less in the same time, and the last fault is cut short: one that met nothing proves nothing. */
async function untilMet(window: FaultWindow, operations: readonly Operation[], giveUpMs: number): Promise<void> {
  while (mutationsDuring(window, operations).length < MET_AT_LEAST && Date.now() < giveUpMs) await pause(100);
}

/** Until both workers say so, nobody is refused any more, and the projection is right at two looks. */
async function untilWell({ bench, monitor, operations }: ScheduleDeps, healedMs: number): Promise<void> {
  const giveUpMs = healedMs + WELL_WITHIN_MS;
  for (;;) {
    const fromMs = Date.now();
    await pause(750);
    const recent = operations.slice(-400).filter((each) => each.startMs >= fromMs);
    const workers = bench.workers.filter((_, worker) =>
      recent.some((each) => each.worker === worker && each.kind === 'health'),
    );
    const isWell = recent.every((each) => each.outcome !== 'unknown' && !(each.kind === 'health' && each.degraded));
    if (isWell && workers.length === bench.workers.length && monitor.wrongNow(fromMs) === 0) return;
    if (Date.now() > giveUpMs) return;
  }
}

/** The receivers' faults run beside the others: whatever an endpoint does, nothing else may notice. */
export async function runReceiverTrack(
  deps: ScheduleDeps,
  faults: readonly Fault[],
  minutes: number,
  signal: AbortSignal,
): Promise<void> {
  const eachMs = Math.min(30_000, (minutes * 60_000) / Math.max(1, faults.length));
  while (!signal.aborted && faults.length > 0) {
    for (const fault of deps.bench.random.shuffled(faults)) {
      if (signal.aborted) return;
      const window: FaultWindow = {
        name: fault.name,
        group: 'receiver',
        worker: null,
        ...(fault.shop !== undefined && { shop: fault.shop }),
        startMs: Date.now(),
        endMs: Number.POSITIVE_INFINITY,
      };
      const heal = await fault.inject(deps.bench, eachMs, () => {});
      deps.windows.push(window);
      await pause(eachMs, undefined, { signal }).catch(() => {});
      await untilMet(window, deps.operations, window.startMs + eachMs * 3);
      await heal();
      window.endMs = Date.now();
    }
  }
}
