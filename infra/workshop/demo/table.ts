import { VIOLATIONS, type Violation } from './ledger.ts';
import type { Order, World } from './world.ts';

const COUNTED = {
  waiting: ['PENDING'],
  assigned: ['ASSIGNED'],
  'picked up': ['PICKED_UP'],
  'in transit': ['IN_TRANSIT'],
  delivered: ['DELIVERED'],
  failed: ['FAILED', 'RETURNED'],
  cancelled: ['CANCELLED'],
} as const;

export interface Snapshot {
  counts: Record<string, number>;
  orders: number;
  /** Order → assigned, ms; null before the first. */
  medianMs: number | null;
  p95Ms: number | null;
  requests: number;
  requestsPerS: number;
  verified: number;
  copies: number;
  violations: number;
  failures: ReadonlyMap<string, number>;
  refusals: ReadonlyMap<string, number>;
}

/** The value below which `share` of the values lie (nearest rank); null where there are none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

export function snapshotOf(world: World, requestsPerS: number): Snapshot {
  const orders: readonly Order[] = [...world.orders.values()];
  const waits = orders.flatMap(({ assignedAfterMs }) => assignedAfterMs ?? []);
  const count = (statuses: readonly string[]) => orders.filter(({ status }) => statuses.includes(status ?? '')).length;
  return {
    counts: Object.fromEntries(Object.entries(COUNTED).map(([name, statuses]) => [name, count(statuses)])),
    orders: orders.length,
    medianMs: percentile(waits, 0.5),
    p95Ms: percentile(waits, 0.95),
    requests: world.api.requests(),
    requestsPerS,
    verified: world.ledger.verified(),
    copies: world.ledger.copies(),
    violations: total(world.ledger.violations()),
    failures: world.api.failures,
    refusals: world.api.refusals,
  };
}

export function total(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** The live table, redrawn in place. */
export function tableOf(now: Snapshot, title: string): string[] {
  const names = Object.keys(now.counts);
  const row = (cells: readonly string[]) => `  ${cells.map((cell) => cell.padStart(11)).join('')}`;
  return [
    `  ${title}`,
    '',
    row(names),
    row(names.map((name) => String(now.counts[name]))),
    '',
    `  order → assigned   median ${inMs(now.medianMs)}, p95 ${inMs(now.p95Ms)}`,
    `  requests           ${now.requests} (${now.requestsPerS.toFixed(0)}/s)`,
    `  webhooks           ${now.verified} verified, ${now.copies} right copies, ${now.violations} violations`,
    `  failures           ${list(now.failures)}`,
    `  refused in play    ${list(now.refusals)}`,
  ];
}

/** The same in one line, where the output is no terminal. */
export function lineOf(now: Snapshot, title: string): string {
  const counts = Object.entries(now.counts).map(([name, count]) => `${name} ${count}`);
  const waits = `assigned in ${inMs(now.medianMs)} (p95 ${inMs(now.p95Ms)})`;
  const hooks = `webhooks ${now.verified} ok ${now.violations} wrong`;
  return `${title} | ${counts.join(', ')} | ${waits} | ${now.requestsPerS.toFixed(0)} req/s | ${hooks} | failures ${total(now.failures)}`;
}

/** What remains to be read at the end. */
export function summaryOf(
  now: Snapshot,
  violations: ReadonlyMap<Violation, number>,
  details: readonly string[],
): string[] {
  const kinds = [...violations].map(([kind, count]) => `  ${count} × ${kind}: ${VIOLATIONS[kind]}`);
  return [...tableOf(now, `Summary of ${now.orders} orders`), ...kinds, ...details.map((detail) => `    ${detail}`)];
}

function inMs(value: number | null): string {
  if (value === null) return '–';
  return value < 10_000 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

function list(counts: ReadonlyMap<string, number>): string {
  return counts.size === 0 ? 'none' : [...counts].map(([kind, count]) => `${kind} × ${count}`).join(', ');
}
