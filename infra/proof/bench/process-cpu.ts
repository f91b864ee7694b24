import { readdirSync, readFileSync } from 'node:fs';
import type { Sample } from './figures.ts';

/** Kernel ticks per second, as /proc counts them on every Linux. */
const TICKS_PER_S = 100;

/**
 * CPU time in milliseconds that a process and what it has started, as far as that still runs or was waited for, have used
 * (PostgreSQL serves each connection by a child). Null where there is no /proc.
 */
export function cpuMs(pid: number): number | null {
  try {
    return [pid, ...startedBy(pid)].reduce((sum, each) => sum + ticksOf(each), 0) * (1000 / TICKS_PER_S);
  } catch {
    return null;
  }
}

/** Runs `work`, which answers how many operations it was; gives the CPU per operation, in microseconds. */
export async function withCpu<T>(
  pids: readonly number[],
  work: () => Promise<{ result: T; operations: number }>,
): Promise<{ result: T; cpuUs: number | null }> {
  const total = () => pids.map(cpuMs).reduce<number | null>((a, b) => (a === null || b === null ? null : a + b), 0);
  const before = total();
  const { result, operations } = await work();
  const after = total();
  return { result, cpuUs: before === null || after === null ? null : ((after - before) * 1000) / operations };
}

/** What `work` measures, with the CPU of one of its operations: of this process, which asks, and of those that serve it. */
export async function metered(
  pids: readonly number[],
  work: () => Promise<{ sample: Sample; operations: number }>,
): Promise<Sample> {
  const before = process.cpuUsage();
  let perOperation = Number.NaN;
  const { result, cpuUs } = await withCpu(pids, async () => {
    const { sample, operations } = await work();
    const { user, system } = process.cpuUsage(before);
    perOperation = (user + system) / operations;
    return { result: sample, operations };
  });
  return { ...result, cpuUs: cpuUs === null ? null : cpuUs + perOperation };
}

/** utime, stime, and those of children that have ended: fields 14 to 17 of proc(5), counted behind the name. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** Its children, theirs, and so on. */
function startedBy(pid: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(Number(name)) }));
  const below = (parent: number): number[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each.pid, ...below(each.pid)]);
  return below(pid);
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
