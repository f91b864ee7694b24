import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endWithParent } from '#infra/workshop/embedded/end-with-parent.ts';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { openDriverTokens } from '#shared/http/tokens.ts';
import { systemClock } from '#shared/runtime/clock.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';

/*
 * The documented way under PM2, with a PM2 of the test's own: `pm2 start ecosystem.config.cjs`, then a reload with other
 * settings while ten clients keep asking. Runs what is in dist/: `npm test` builds first.
 */

const SHOP_KEY = 'dk_pm2_a-secret-for-the-tests';
const SECRET = 'a token secret for the tests, 32+';
const SECRET_BEFORE = 'the token secret before, which leaked';
const CLIENTS = 10;
const pm2Program = createRequire(import.meta.url).resolve('pm2/bin/pm2');

let home: string;
let database: TestDatabase;
let port: number;
let metricsPort: number;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'dispatch-pm2-'));
  database = await testDatabase();
  port = await freePort();
  metricsPort = await freePort();
  const redis = testRedis();
  env = {
    PATH: process.env.PATH,
    HOME: home,
    PM2_HOME: home,
    WEB_CONCURRENCY: '2',
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: SECRET,
    TOKEN_SECRET_PREVIOUS: SECRET_BEFORE,
    DEFAULT_SHOP_KEY: SHOP_KEY,
    METRICS_PORT: String(metricsPort),
    LOG_LEVEL: 'warn',
  };
});

afterAll(async () => {
  const daemon = daemonPid();
  // Not where it is gone already: any pm2 command would start another one.
  if (daemon !== null && isAlive(daemon)) {
    const left = await processes().catch(() => []);
    await pm2('kill').catch(() => {});
    for (const pid of [daemon, ...left.map((each) => each.pid)]) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

function pm2(...args: string[]): Promise<{ stdout: string }> {
  const options = { cwd: projectRoot(), env, timeout: 30_000, maxBuffer: 16 * 1024 * 1024 };
  return promisify(execFile)(process.execPath, [pm2Program, ...args], options);
}

async function processes(): Promise<{ name: string; pid: number; status: string; restarts: number }[]> {
  const { stdout } = await pm2('jlist', '--silent');
  const listed = JSON.parse(stdout) as {
    name: string;
    pid: number;
    pm2_env: { status: string; unstable_restarts: number };
  }[];
  return listed.map(({ name, pid, pm2_env }) => ({
    name,
    pid,
    status: pm2_env.status,
    restarts: pm2_env.unstable_restarts,
  }));
}

function daemonPid(): number | null {
  const file = path.join(home, 'pm2.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

/** As the process was started with it; Linux alone shows it. */
function environmentOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

type Answer = { status: number; body: string };
function ask(agent: Agent, method: string, target: string, body?: unknown, proof = SHOP_KEY): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${proof}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, method, path: target, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Asks from ten connections that stay open, one after the other on each, until `stop`. */
function load(driverId: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const failures: string[] = [];
  let answered = 0;
  let going = true;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let turn = client; going; turn += 1) {
      const one =
        turn % 2 === 0
          ? ask(agent, 'GET', '/health/live')
          : ask(agent, 'POST', `/v1/drivers/${driverId}/location`, { lat: 52.5 + turn / 1e6, lon: 13.4 });
      await one.then(
        ({ status, body }) => {
          if (status === 200) answered += 1;
          else failures.push(`${status} ${body}`);
        },
        (error: Error) => failures.push(String(error)),
      );
      // Ten clients are to be there all the time, not to see how much two cores can take.
      await pause(5);
    }
  });
  return {
    answered: () => answered,
    stop: async () => {
      going = false;
      await Promise.all(clients);
      agent.destroy();
      return failures;
    },
  };
}

/** What the driver's token would be, had the secret before signed it. */
async function signedBefore(agent: Agent, driverId: string): Promise<string> {
  const { body } = await ask(agent, 'POST', `/v1/drivers/${driverId}/tokens`, {});
  const claims = await openDriverTokens({ secret: SECRET, clock: systemClock }).verify(JSON.parse(body).token);
  return (await openDriverTokens({ secret: SECRET_BEFORE, clock: systemClock }).sign(claims!)).token;
}

test('a reload under load loses no request and takes the settings over, those taken out as well; `pm2 kill` ends all', {
  timeout: 60_000,
}, async () => {
  await pm2('start', 'ecosystem.config.cjs');
  // However this process ends: the daemon, and with it all it started, ends too.
  const release = endWithParent(daemonPid()!, 'TERM', [home]);
  const before = await processes();
  expect(before.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
    'dispatch online',
    'dispatch online',
    'dispatch-relay online',
  ]);

  const agent = new Agent();
  const { body } = await ask(agent, 'POST', '/v1/drivers', { name: 'Asha' });
  const driverId = JSON.parse(body).id as string;
  const token = await signedBefore(agent, driverId);
  const heard = async () => (await ask(agent, 'POST', `/v1/drivers/${driverId}/heartbeat`, undefined, token)).status;
  expect(await heard()).toBe(200);
  const clients = load(driverId);
  await eventually(() => clients.answered() > 100);
  delete env.TOKEN_SECRET_PREVIOUS;
  env.LOG_LEVEL = 'error';
  await pm2('startOrReload', 'ecosystem.config.cjs', '--update-env');
  const after = await processes();
  const answeredSoFar = clients.answered();
  await eventually(() => clients.answered() > answeredSoFar + 100);
  expect(await clients.stop()).toEqual([]);
  expect(await heard()).toBe(401);
  const relay = after.find(({ name }) => name === 'dispatch-relay')!;
  expect(environmentOf(relay.pid)).toMatchObject({
    LOG_LEVEL: 'error',
    METRICS_PORT: String(metricsPort + 100),
    TOKEN_SECRET: SECRET,
    TOKEN_SECRET_PREVIOUS: '',
  });

  const webs = (all: typeof before) => all.filter(({ name }) => name === 'dispatch').map(({ pid }) => pid);
  expect(webs(after).filter((pid) => webs(before).includes(pid))).toEqual([]);
  expect(after.every(({ status, restarts }) => status === 'online' && restarts === 0)).toBe(true);

  const daemon = daemonPid()!;
  await pm2('kill');
  release();
  await eventually(() => [daemon, ...after.map(({ pid }) => pid)].every((pid) => !isAlive(pid)));
});
