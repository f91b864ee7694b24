import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Sample, sample } from './figures.ts';
import { withCpu } from './process-cpu.ts';

const run = promisify(execFile);

/** Pipelined GEOADDs of random members, by `redis-benchmark` on the same Redis, and what they cost Redis. */
export async function geoaddRate(
  { url, pid }: { url: string; pid: number },
  seconds: number,
  members: number,
): Promise<Sample> {
  const { port } = new URL(url);
  // It takes a count, not a time: a quick look first says how many fill the time.
  const look = await redisBenchmark(port, 50_000, members);
  const operations = Math.max(100_000, Math.round(look.value * seconds));
  const { result, cpuUs } = await withCpu([pid], async () => ({
    result: await redisBenchmark(port, operations, members),
    operations,
  }));
  return { ...result, cpuUs };
}

async function redisBenchmark(port: string, count: number, members: number): Promise<Sample> {
  const command = ['GEOADD', 'bench:geo', '13.__rand_int__', '52.5', 'driver:__rand_int__'];
  const args = ['-p', port, '-P', '32', '-n', String(count), '-r', String(members), '--csv', ...command];
  const { stdout } = await run('redis-benchmark', args, { maxBuffer: 1 << 24 });
  const fields = (stdout.trim().split('\n').at(-1) ?? '').split(',').map((field) => Number(field.replaceAll('"', '')));
  const [, rps = Number.NaN, , , p50, , p99] = fields;
  return sample(rps, { p50Ms: p50 ?? null, p99Ms: p99 ?? null });
}

/** Runs `sql` as a prepared statement from `clients` connections at once. */
export async function pgbenchRate(url: string, sql: string, clients: number, seconds: number): Promise<Sample> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dispatch-bench-'));
  try {
    const file = path.join(folder, 'bench.sql');
    // In pgbench a colon before a name is a variable, in texts as well.
    writeFileSync(file, `${sql.replace(/\s+/g, ' ').replaceAll('HH24:MI:SS', 'HH24-MI-SS')};\n`);
    const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(Math.ceil(seconds))];
    const { stdout } = await run('pgbench', [...args, '-f', file, url], { maxBuffer: 1 << 24 });
    const tps = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
    const latency = Number(/^latency average = ([\d.]+) ms/m.exec(stdout)?.[1]);
    const failed = Number(/^number of failed transactions: (\d+)/m.exec(stdout)?.[1] ?? 0);
    if (!Number.isFinite(tps) || failed > 0) throw new Error(`pgbench failed:\n${stdout}`);
    return sample(tps, { p50Ms: latency });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
