import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type Row, sample } from './figures.ts';
import { cpuMs } from './process-cpu.ts';
import { CENTER } from './seed.ts';

const HELD = [
  'functions',
  'shared',
  'infra',
  'vendure-plugin/src',
  'esbuild.config.mjs',
  'package.json',
  'tsconfig.json',
];

/** `npm start` in a copy of this project that has never run, until its first order has a driver. */
export async function startRow(): Promise<Row> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dispatch-start-'));
  for (const each of HELD) {
    const skip = (source: string) => !/node_modules|cdk\.out/.test(path.relative(projectRoot(), source));
    cpSync(path.join(projectRoot(), each), path.join(folder, each), { recursive: true, filter: skip });
  }
  symlinkSync(path.join(projectRoot(), 'node_modules'), path.join(folder, 'node_modules'));
  const port = await freePort();
  const startedAt = performance.now();
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
  };
  const child = spawn('npm', ['start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  try {
    const key = await keyFrom(child, folder);
    const listeningS = (performance.now() - startedAt) / 1000;
    await firstOrder(`http://127.0.0.1:${port}`, key);
    const tookS = (performance.now() - startedAt) / 1000;
    const usedMs = cpuMs(child.pid ?? 0);
    return {
      name: 'npm start → assigned',
      unit: 's',
      ours: sample(tookS, { cpuUs: usedMs === null ? null : usedMs * 1000 }),
      floor: null,
      ratio: null,
      wanted: '≤ 30 s',
      reached: tookS <= 30,
      notes: [`first start ever: bundles, initdb, migrations, whose CPU it is; ready after ${listeningS.toFixed(1)} s`],
    };
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await once(child, 'exit');
    await sleep(1_500);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Once it says what to try; the keys are in a file of its own, and nowhere in its words. */
async function keyFrom(child: ReturnType<typeof spawn>, folder: string): Promise<string> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes('export URL=')) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', () => reject(new Error(`npm start ended:\n${text}`)));
  });
  const kept: unknown = JSON.parse(readFileSync(path.join(folder, '.data', 'secrets.json'), 'utf8'));
  return (kept as { DEFAULT_SHOP_KEY: string }).DEFAULT_SHOP_KEY;
}

/** What the printed next steps say: a driver, on duty, somewhere; then an order. */
async function firstOrder(url: string, key: string): Promise<void> {
  const ask = async (method: string, target: string, body: unknown) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(url + target, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string; status: string };
  };
  const driver = await ask('POST', '/v1/drivers', { name: 'Asha' });
  await ask('PUT', `/v1/drivers/${driver.id}/status`, { status: 'AVAILABLE' });
  await ask('POST', `/v1/drivers/${driver.id}/location`, CENTER);
  const order = { sellerOrderId: 'FIRST', pickup: CENTER, dropoff: { lat: CENTER.lat + 0.01, lon: CENTER.lon } };
  const delivery = await ask('POST', '/v1/deliveries', order);
  if (delivery.status !== 'ASSIGNED') throw new Error(`the first order is ${delivery.status}`);
}
