import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks per second, as /proc counts them on every Linux. */
const TICKS_PER_S = 100;

/**
 * CPU time in milliseconds that a process and its present children have used (PostgreSQL serves each connection by a
 * child). Null where there is no /proc.
 */
export function cpuMs(pid: number): number | null {
  try {
    return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ticksOf(each), 0) * (1000 / TICKS_PER_S);
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

/** utime, stime, and those of children that have ended: fields 14 to 17 of proc(5), counted behind the name. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
