import { ENGINE } from './check/arranged.ts';
import { CHECKS } from './check/check.ts';
import { hasHappened } from './check/enough.ts';
import { groupBy } from './check/group-by.ts';
import type { Verdict } from './check/judge.ts';
import { mutationsDuring } from './check/promises.ts';
import { quantile } from './check/quantile.ts';
import { recoveryOf } from './check/recovery.ts';
import { type Evidence, type FaultWindow, isMutation, type Kind, type Operation } from './history.ts';

export interface Report extends Verdict {
  seed: number;
  minutes: number;
  totals: Record<string, number>;
  faults: readonly FaultLine[];
  latencies: readonly LatencyLine[];
  /** What each process held in the beginning and in the end. */
  leftovers: readonly Record<string, string>[];
}

interface FaultLine {
  fault: string;
  times: number;
  seconds: number;
  mutations: number;
  ok: number;
  refused: number;
  unknown: number;
  p50Ms: number;
  p99Ms: number;
  /** Longest. */
  recoveryMs: number;
  /** Of the last time. */
  measured: string;
}

interface LatencyLine {
  class: string;
  requests: number;
  calmP50Ms: number;
  calmP99Ms: number;
  faultedP50Ms: number;
  faultedP99Ms: number;
}

export function buildReport(evidence: Evidence, verdict: Verdict, run: { seed: number; minutes: number }): Report {
  const { operations, deliveryEvents, driverEvents, deliveries, arrivals, processes } = evidence;
  const count = (outcome: Operation['outcome']) =>
    operations.filter((each) => isMutation(each.kind) && each.outcome === outcome).length;
  return {
    seed: run.seed,
    minutes: run.minutes,
    ...verdict,
    totals: {
      requests: operations.length,
      mutationsOk: count('ok'),
      mutationsRefused: count('fail'),
      mutationsUnknown: count('unknown'),
      replays: operations.filter((each) => each.replayed).length,
      degraded: operations.filter((each) => each.degraded).length,
      deliveries: deliveries.length,
      assignments: deliveryEvents.filter((event) => event.type === 'ASSIGNED').length,
      held: deliveryEvents.filter((event) => event.type === 'HELD').length,
      plannedRoutes: driverEvents.filter((event) => event.type === 'PLANNED').length,
      arrangedRoutes: driverEvents.filter((event) => event.type === 'ROUTE' && event.actor !== ENGINE).length,
      retired: driverEvents.filter((event) => event.type === 'RETIRED').length,
      takenBack: deliveryEvents.filter((event) => event.type === 'UNASSIGNED' && event.actor === ENGINE).length,
      webhooksArrived: arrivals.length,
      maxRssMiB: processes.maxRssMiB,
      loopP99Ms: Math.round(evidence.machine.loopP99Ms),
      loadPerCore: Math.round(evidence.machine.loadPerCore * 10) / 10,
      loadStretch: Math.round(evidence.machine.loadStretch * 10) / 10,
    },
    faults: [...groupBy(evidence.faults, (fault) => fault.name)].map(([fault, windows]) => {
      const own = windows.flatMap((window) => mutationsDuring(window, operations));
      const ms = own.map((each) => each.endMs - each.startMs);
      const of = (outcome: Operation['outcome']) => own.filter((each) => each.outcome === outcome).length;
      return {
        fault,
        times: windows.length,
        seconds: Math.round(windows.reduce((sum, window) => sum + window.endMs - window.startMs, 0) / 100) / 10,
        mutations: own.length,
        ok: of('ok'),
        refused: of('fail'),
        unknown: of('unknown'),
        p50Ms: Math.round(quantile(ms, 0.5)),
        p99Ms: Math.round(quantile(ms, 0.99)),
        recoveryMs:
          windows[0]?.group === 'receiver' ? 0 : Math.max(...windows.map((window) => recoveryOf(window, evidence))),
        measured: measuredOf(windows),
      };
    }),
    latencies: latencies(evidence),
    leftovers: evidence.leftovers.map(({ name, base, end }) => ({
      process: name,
      ...Object.fromEntries(
        Object.entries(base).map(([what, n]) => [what, `${n} -> ${end[what as keyof typeof end]}`]),
      ),
    })),
  };
}

function measuredOf(windows: readonly FaultWindow[]): string {
  const idle = windows.filter((window) => !hasHappened(window)).length;
  const facts = Object.entries(windows.at(-1)?.facts ?? {}).map(([name, n]) => `${name} ${n}`);
  return [...(idle > 0 ? [`came about ${windows.length - idle} times`] : []), ...facts].join(', ');
}

const CLASSES: Readonly<Record<string, readonly Kind[]>> = {
  'orders and creates': ['order', 'create', 'cancel_order'],
  assignments: ['assign', 'assign_named', 'unassign'],
  'steps of a delivery': ['move', 'cancel', 'redeliver'],
  'driver status': ['duty'],
  'what customers say': ['rate'],
  fixes: ['fix', 'fixes', 'heartbeat'],
  reads: ['read_delivery', 'read_driver', 'list', 'nearest'],
  health: ['health'],
};

function latencies({ operations, faults }: Evidence): LatencyLine[] {
  const real = faults.filter((fault) => fault.group !== 'receiver');
  const isFaulted = (each: Operation) => real.some((fault) => each.startMs < fault.endMs && each.endMs > fault.startMs);
  return Object.entries(CLASSES).map(([name, kinds]) => {
    const own = operations.filter((each) => kinds.includes(each.kind));
    const ms = (faulted: boolean) =>
      own.filter((each) => isFaulted(each) === faulted).map((each) => each.endMs - each.startMs);
    const at = (faulted: boolean, q: number) => Math.round(quantile(ms(faulted), q));
    return {
      class: name,
      requests: own.length,
      calmP50Ms: at(false, 0.5),
      calmP99Ms: at(false, 0.99),
      faultedP50Ms: at(true, 0.5),
      faultedP99Ms: at(true, 0.99),
    };
  });
}

/** As a terminal shows it. */
export function printReport(report: Report, say: (line: string) => void): void {
  say('');
  say(
    Object.entries(report.totals)
      .map(([name, n]) => `${name} ${n}`)
      .join(' · '),
  );
  table(report.faults, say);
  table(report.latencies, say);
  table(report.leftovers, say);
  const counts = Object.keys(CHECKS).map((name) => ({
    check: name,
    n: report.violations.filter((each) => each.invariant === name).length,
  }));
  const open = new Set(report.unjudged.map((each) => each.invariant));
  const word = (check: string, n: number) => {
    const things = report.judged[check] ?? 0;
    if (n > 0) return `BROKEN ${n}× of ${things}`;
    if (open.has(check)) return 'NOT JUDGED';
    return things > 0 ? `holds (${things})` : 'THIN (0)';
  };
  say(counts.map(({ check, n }) => `${check} ${word(check, n)}`).join(' · '));
  if (report.tooBusy !== null) say(`\nMACHINE TOO BUSY TO JUDGE TIMES: ${report.tooBusy}`);
  if (report.unjudged.length > 0)
    say(`\nNot judged, since they are matters of time: ${report.unjudged.length} findings`);
  for (const { invariant, what } of report.unjudged) say(`  ${invariant}: ${what}`);
  for (const [name, violations] of groupBy(report.violations, (each) => `${each.invariant}: ${each.what}`)) {
    say(`\n${name}${violations.length > 1 ? ` (${violations.length}×)` : ''}`);
    say(`  ${JSON.stringify(violations[0]?.example)?.slice(0, 1_500)}`);
  }
  say(
    report.violations.length === 0
      ? `\nNo violation (seed ${report.seed}).`
      : `\n${report.violations.length} VIOLATIONS (seed ${report.seed}).`,
  );
}

function table(rows: readonly object[], say: (line: string) => void): void {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => Object.values(row).map((value) => String(value)))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  say('');
  for (const line of cells) {
    say(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    );
  }
}
