import { type Evidence, type FaultWindow, isMutation, type Operation, type Violation } from '../history.ts';
import { isBeyondChance } from './chance.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { quantile } from './quantile.ts';
import { isLastOfAll, recoveryOf } from './recovery.ts';

/** An answer or 503 in less than 3 s, and what a busy machine adds on both ends. */
const ANSWER_WITHIN_MS = 3_000 + 400;
const DEGRADED_P99_MS = 600;
/** Of fewer, the slowest one in a hundred says nothing. */
const CALM_AT_LEAST = 1_000;
const RECOVER_WITHIN_MS = {
  redis: 10_000,
  postgres: 5_000,
  worker: 5_000,
  relay: 10_000,
  receiver: 0,
  crowd: 5_000,
  caller: 5_000,
} as const;

/** P1: no request hangs; a 503 says when to come again. Requests to a worker that was killed or stopped are its own. */
export function checkDeadlines({ operations, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const stopped = faults.filter((fault) => fault.group === 'worker');
  const others = operations.filter(
    (each) => !stopped.some((fault) => fault.worker === each.worker && overlaps(each, fault)),
  );
  count(others.length);
  const slow = others.filter((each) => tookMs(each) > ANSWER_WITHIN_MS);
  const silent = others.filter((each) => each.status === 503 && !each.retryAfter && each.kind !== 'health');
  return [
    ...slow.slice(0, 5).map((each) => timed('P1', `no answer for ${tookMs(each)} ms`, each)),
    ...silent.slice(0, 5).map((each) => ({ invariant: 'P1', what: 'a 503 without Retry-After', example: each })),
  ];
}

/** A server may close a connection just when it is used again. */
const MAY_BE_DROPPED = 0.001;
const FEW_DROPPED = 3;

/**
 * P2: with Redis away everything is answered from Postgres: no 5xx, and no connection that is dropped. (Starved of the
 * processor, waiting ends in one.) While nothing is broken hardly any is dropped either.
 */
export function checkDegraded({ operations, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const dropped = operations.filter((each) => each.status === null && !isElsewhere(each, null, faults));
  const most = Math.max(FEW_DROPPED, operations.length * MAY_BE_DROPPED);
  const found =
    dropped.length > most ? [timed('P2', `${dropped.length} requests dropped outside of faults`, dropped[0])] : [];
  const degraded = during('redis', faults).flatMap((fault) => {
    const own = operations.filter((each) => within(each, fault) && !isElsewhere(each, fault, faults));
    count(own.length);
    const failed = own.filter((each) => each.outcome === 'unknown');
    if (failed.length === 0) return [];
    return [timed('P2', `${failed.length} requests refused while ${fault.name}`, failed[0])];
  });
  return [...found, ...degraded];
}

/**
 * P3: with Redis away, p99 < 600 ms; on a machine that needs longer while nothing is broken, no more than that. Of all such
 * requests of the run together; and beside each fault no more are slower than chance makes of one in a hundred.
 */
export function checkLatency({ operations, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const calm = operations.filter((each) => each.status !== null && !isElsewhere(each, null, faults));
  const mostMs = Math.max(DEGRADED_P99_MS, calm.length < CALM_AT_LEAST ? 0 : p99(calm));
  const all: Operation[] = [];
  const found = during('redis', faults).flatMap((fault) => {
    const own = operations.filter((each) => within(each, fault) && !isElsewhere(each, fault, faults));
    count(own.length);
    const answered = own.filter((each) => each.status !== null);
    all.push(...answered);
    const slow = durations(answered).filter((ms) => ms >= mostMs).length;
    if (!isBeyondChance(slow, answered.length, 0.01)) return [];
    const what = `${slow} of ${answered.length} answers took more than ${Math.round(mostMs)} ms while ${fault.name}`;
    return [timed('P3', `${what}, p99 ${Math.round(p99(answered))} ms`, fault)];
  });
  if (p99(all) < mostMs) return found;
  return [...found, timed('P3', `p99 of ${Math.round(p99(all))} ms of ${Math.round(mostMs)} with Redis away`, all[0])];
}

/** P4: back to normal within 5 s (Postgres, workers) or 10 s (Redis, relay) of the fault's end. */
export function checkRecovery(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  return evidence.faults.flatMap((fault) => {
    if (fault.group === 'receiver') return [];
    if (isLastOfAll(fault, evidence)) count(1);
    const ms = recoveryOf(fault, evidence);
    if (ms <= RECOVER_WITHIN_MS[fault.group]) return [];
    return [timed('P4', `${fault.name}: back after ${Math.round(ms)} ms only`, fault)];
  });
}

const timed = (invariant: string, what: string, example: unknown): Violation => ({
  invariant,
  what,
  example,
  timed: true,
});
const during = (group: FaultWindow['group'], faults: readonly FaultWindow[]) =>
  faults.filter((fault) => fault.group === group);
const overlaps = (each: Operation, fault: FaultWindow) => each.startMs < fault.endMs && each.endMs > fault.startMs;
const within = (each: Operation, fault: FaultWindow) => each.startMs >= fault.startMs && each.endMs <= fault.endMs;
/** Something else was broken meanwhile, or shortly before. */
const isElsewhere = (each: Operation, fault: FaultWindow | null, faults: readonly FaultWindow[]) =>
  faults.some(
    (other) =>
      other !== fault &&
      other.group !== 'receiver' &&
      each.startMs < other.endMs + RECOVER_WITHIN_MS[other.group] &&
      each.endMs > other.startMs,
  );
/** Of a thousand that leave at once the last ones wait in the bench, which is no wait for the service. */
const tookMs = ({ startMs, sentMs = startMs, endMs }: Operation) => endMs - sentMs;
const durations = (operations: readonly Operation[]) => operations.map(tookMs);
const p99 = (operations: readonly Operation[]) => quantile(durations(operations), 0.99);

/** Of the requests that met no fault. */
export function calmMedianMs({ operations, faults }: Pick<Evidence, 'operations' | 'faults'>): number {
  const real = faults.filter((fault) => fault.group !== 'receiver');
  return quantile(durations(operations.filter((each) => !real.some((fault) => overlaps(each, fault)))), 0.5);
}

/** Mutations under way while `fault` lasted. */
export function mutationsDuring(fault: FaultWindow, operations: readonly Operation[]): Operation[] {
  return operations.filter((each) => isMutation(each.kind) && overlaps(each, fault));
}
