import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { median, percentile, type Sample, sample } from './figures.ts';
import { withCpu } from './process-cpu.ts';

const run = promisify(execFile);

const PIPELINE = 32;
const CONNECTIONS = 50;

/**
 * Raw GEOADDs of random members, as fast as this Redis takes them: pipelines written before the clock starts, over as
 * many connections as redis-benchmark has, and no client behind them that would read the replies. What they cost Redis.
 */
export async function geoaddRate(
  { url, pid }: { url: string; pid: number },
  seconds: number,
  members: number,
): Promise<Sample> {
  const { hostname, port } = new URL(url);
  const pipelines = Array.from({ length: 64 }, () => pipelineOf(members));
  const { result, cpuUs } = await withCpu([pid], async () => {
    const startedAt = performance.now();
    const until = startedAt + seconds * 1000;
    const sides = Array.from({ length: CONNECTIONS }, () => keepBusy(hostname, Number(port), pipelines, until));
    const times = (await Promise.all(sides)).flat();
    const operations = times.length * PIPELINE;
    const perS = (operations * 1000) / (performance.now() - startedAt);
    const ofTimes = { p50Ms: median(times), p99Ms: percentile(times, 99) };
    return { result: sample(perS, ofTimes), operations };
  });
  return { ...result, cpuUs };
}

function pipelineOf(members: number): Buffer {
  const command = (words: readonly string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const digits = () => String(Math.floor(Math.random() * 1e12)).padStart(12, '0');
  const member = () => `driver:${String(Math.floor(Math.random() * members)).padStart(12, '0')}`;
  const all = Array.from({ length: PIPELINE }, () =>
    command(['GEOADD', 'bench:geo', `13.${digits()}`, '52.5', member()]),
  );
  return Buffer.from(all.join(''));
}

/** One connection, one pipeline at a time. @returns how long each took, in ms. @throws Error for a reply that is none */
async function keepBusy(host: string, port: number, pipelines: readonly Buffer[], until: number): Promise<number[]> {
  const socket = connect(port, host);
  socket.setNoDelay(true);
  const times: number[] = [];
  try {
    for (let sent = 0; performance.now() < until; sent += 1) {
      const startedAt = performance.now();
      socket.write(pipelines[sent % pipelines.length]!);
      for (let replies = 0; replies < PIPELINE; ) {
        const [data] = (await once(socket, 'data')) as [Buffer];
        if (data.includes('-')) throw new Error(`Redis refused GEOADD: ${data}`);
        for (const byte of data) if (byte === 10) replies += 1;
      }
      times.push(performance.now() - startedAt);
    }
  } finally {
    socket.destroy();
  }
  return times;
}

/** Runs `sql` as a prepared statement from `clients` connections at once. */
export async function pgbenchRate(
  { url, pid }: { url: string; pid: number },
  sql: string,
  clients: number,
  seconds: number,
): Promise<Sample> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dispatch-bench-'));
  try {
    const file = path.join(folder, 'bench.sql');
    // In pgbench a colon before a name is a variable, in texts as well.
    writeFileSync(file, `${sql.replace(/\s+/g, ' ').replaceAll('HH24:MI:SS', 'HH24-MI-SS')};\n`);
    const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(Math.ceil(seconds))];
    const { result: stdout, cpuUs } = await withCpu([pid], async () => {
      const { stdout: said } = await run('pgbench', [...args, '-f', file, url], { maxBuffer: 1 << 24 });
      const transactions = Number(/^number of transactions actually processed: (\d+)/m.exec(said)?.[1] ?? Number.NaN);
      return { result: said, operations: transactions };
    });
    const tps = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
    const latency = Number(/^latency average = ([\d.]+) ms/m.exec(stdout)?.[1]);
    const failed = Number(/^number of failed transactions: (\d+)/m.exec(stdout)?.[1] ?? 0);
    if (!Number.isFinite(tps) || failed > 0) throw new Error(`pgbench failed:\n${stdout}`);
    return sample(tps, { p50Ms: latency, cpuUs });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
