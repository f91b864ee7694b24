import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { batchRow } from './batch-row.ts';
import { burstRows } from './burst-rows.ts';
import { bytesRows } from './bytes-rows.ts';
import { clusterRows } from './cluster-rows.ts';
import { bundleRows, coldRows } from './cold-rows.ts';
import { commitRow } from './commit-row.ts';
import { decisionsRows } from './decisions-rows.ts';
import type { Row } from './figures.ts';
import { fixRow } from './fix-row.ts';
import { serveFloor } from './floor-servers.ts';
import { blockedRow, growthRows, quietRow } from './growth-rows.ts';
import { hostileRows, runAttack } from './hostile-rows.ts';
import { limitsRows } from './limits-rows.ts';
import { loadGenerator } from './load.ts';
import { memoryRows } from './memory-rows.ts';
import { nearestRows } from './nearest-rows.ts';
import { type BenchOptions, HELP, readOptions } from './options.ts';
import { nearestOrderRow, orderRow } from './order-row.ts';
import { postgresRows } from './postgres-row.ts';
import { relayRow } from './relay-row.ts';
import { startRow } from './start-row.ts';
import { renderTable } from './table.ts';
import { workersRow } from './workers-row.ts';
import { openWorld, type World } from './world.ts';

type Measure = (world: World) => Row | readonly Row[] | Promise<Row | readonly Row[]>;

/** In the order of the table. */
const ROWS: Readonly<Record<string, Measure>> = {
  fix: (world) => fixRow(world, 1_000),
  'fix-20k': (world) => fixRow(world, 20_000),
  batch: batchRow,
  order: orderRow,
  'order-nearest': nearestOrderRow,
  limits: limitsRows,
  decisions: decisionsRows,
  burst: burstRows,
  commit: commitRow,
  bytes: bytesRows,
  growth: growthRows,
  blocked: blockedRow,
  quiet: quietRow,
  nearest: nearestRows,
  postgres: postgresRows,
  cold: coldRows,
  bundle: bundleRows,
  relay: relayRow,
  workers: workersRow,
  cluster: clusterRows,
  hostile: hostileRows,
  memory: memoryRows,
  start: startRow,
};

/** The bench as a program. */
export async function runBench(args: readonly string[]): Promise<void> {
  if (args[0] === '--attack') return runAttack(args.slice(1));
  if (args[0] === '--floor') return serveFloor(args[1] ?? '');
  const options = readOptions(args);
  if (options === 'help') return console.log(`${HELP}${Object.keys(ROWS).join(' ')}`);
  const chosen = Object.entries(ROWS).filter(([name]) => options.only?.some((only) => name.startsWith(only)) ?? true);
  if (chosen.length === 0) throw new Error(`--only names no row; there are: ${Object.keys(ROWS).join(' ')}`);
  const world = await openWorld(options);
  const rows: Row[] = [];
  const failures: string[] = [];
  world.say(`Load from ${await loadGenerator()}; ${os.availableParallelism()} cores; Node ${process.version}`);
  for (const [name, measure] of chosen) {
    world.say(`measuring ${name} …`);
    await emptyRedis(world);
    // One row that cannot be had must not take the others' figures with it.
    try {
      rows.push(...[await measure(world)].flat());
    } catch (error) {
      failures.push(`${name}: ${(error as Error).stack}`);
    }
  }
  await world.close();
  report(options, rows, failures);
  // A row that failed halfway may have left a server listening.
  process.exit(failures.length > 0 ? 1 : 0);
}

/** Hundreds of thousands of keys of the row before would run out in the middle of this one. */
async function emptyRedis({ redis }: World): Promise<void> {
  const raw = new Redis(redis.url);
  await raw.flushall();
  await raw.quit();
}

function report(options: BenchOptions, rows: readonly Row[], failures: readonly string[]): void {
  console.log(`\n${renderTable(rows)}`);
  mkdirSync(path.dirname(options.json), { recursive: true });
  writeFileSync(options.json, JSON.stringify({ at: new Date().toISOString(), node: process.version, rows }, null, 2));
  console.log(`\nThe same as JSON: ${options.json}`);
  for (const failure of failures) console.error(`NOT MEASURED  ${failure}`);
}
