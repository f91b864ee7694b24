import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { testDatabase } from '#shared/testing/stores.ts';

/* The command line beside a real `npm start`, both in a folder of their own, from the bundles of the last build. */

const KEY = 'dk_own_a-key-said-in-dotenv';
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function project(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dispatch-cli-'));
  cleanUps.push(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.chmodSync(folder, 0o755);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  // With the migrations in `shared`.
  for (const name of ['node_modules', 'shared'])
    fs.symlinkSync(path.join(projectRoot(), name), path.join(folder, name));
  for (const name of ['start', 'cli']) {
    fs.cpSync(path.join(projectRoot(), 'dist/infra', `${name}.mjs`), path.join(folder, 'dist/infra', `${name}.mjs`));
  }
  return folder;
}

const HOME = { PATH: process.env.PATH, HOME: process.env.HOME };
async function start(folder: string, told: Record<string, string> = {}): Promise<ChildProcess & { port: number }> {
  const port = await freePort();
  const env = { ...HOME, PORT: String(port), LOG_LEVEL: 'silent', ...told };
  const child = spawn(process.execPath, ['dist/infra/start.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 2] });
  cleanUps.push(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const ready = eventually(() => said.includes('Stop with Ctrl-C'), { timeoutMs: 60_000 });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`npm start ended with ${code}`)));
  await Promise.race([ready, ended]);
  return Object.assign(child, { port });
}

/** Linux: every address 127.x.y.z is this machine's, but what is bound to 127.0.0.1 does not hear the others. */
async function hears(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

function cli(folder: string, env: Record<string, string>, ...args: string[]) {
  const options = { cwd: folder, env: { ...HOME, ...env }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/infra/cli.mjs', ...args], options);
  return { status, stdout, stderr };
}

test('without a database in the environment: the stores of npm start, while it runs', async () => {
  const folder = project();
  const missing = { status: 78, stdout: '', stderr: expect.stringContaining('npm start, whose private one') };
  expect(cli(folder, {}, 'shops', 'list')).toEqual(missing);
  const service = await start(folder);
  // To this machine alone, since nobody has said otherwise.
  expect([await hears('127.0.0.1', service.port), await hears('127.0.0.2', service.port)]).toEqual([true, false]);

  const { status, stdout, stderr } = cli(folder, {}, 'shops', 'list', '--json');
  expect({ status, shops: JSON.parse(stdout) }).toMatchObject({ status: 0, shops: [{ slug: 'default' }] });
  expect(stderr).toMatch(/^On the private stores of the running npm start: PostgreSQL 127\.0\.0\.1:\d+, .*Redis.*\n$/);
  const { key } = JSON.parse(cli(folder, {}, 'keys', 'create', 'default', '--json').stdout);
  expect(key).toMatch(/^dk_/);

  const database = await testDatabase();
  cleanUps.push(() => database.drop());
  const other = { DATABASE_URL: database.url, TOKEN_SECRET: 'a token secret for the tests, 32+' };
  expect(cli(folder, other, 'shops', 'list', '--json')).toEqual({ status: 0, stdout: '[]\n', stderr: '' });

  service.kill('SIGINT');
  await once(service, 'exit');
  expect(cli(folder, {}, 'shops', 'list')).toEqual(missing);
}, 120_000);

test('what stands in .env counts after the environment; what a killed npm start has left behind leads nowhere', async () => {
  const folder = project();
  // As a copy of .env.example has it: much of it empty, which is as if it were not there.
  fs.writeFileSync(path.join(folder, '.env'), `DB_HOST=\nHOST=127.0.0.1\nTOKEN_SECRET=\nDEFAULT_SHOP_KEY=${KEY}\n`);
  const service = await start(folder, { HOST: '0.0.0.0' });
  expect(await hears('127.0.0.2', service.port)).toBe(true);
  const asked = await fetch(`http://127.0.0.1:${service.port}/v1/drivers`, {
    headers: { authorization: `Bearer ${KEY}` },
  });
  expect(asked.status).toBe(200);
  service.kill('SIGKILL');
  await once(service, 'exit');
  expect(fs.existsSync(path.join(folder, '.data', 'running.json'))).toBe(true);
  expect(cli(folder, {}, 'shops', 'list')).toMatchObject({ status: 78 });
  // It goes by itself, a moment later; before that the folder cannot.
  await eventually(() => !fs.existsSync(path.join(folder, '.data/postgres/postmaster.pid')), { timeoutMs: 20_000 });
}, 120_000);
