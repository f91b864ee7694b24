import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endWithParent } from '#infra/workshop/embedded/end-with-parent.ts';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';

/*
 * What `npm run deploy` does after its build, in a folder and with a PM2 of the test's own. Deploys what is in dist/:
 * `npm test` builds first.
 */

const DEPLOY_MS = 60_000;
const CLIENTS = 8;
/** Not the usual one, where there is another: who names an address is asked there and nowhere else. */
const HOST = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

let project: string;
let database: TestDatabase;
let port: number;
let env: NodeJS.ProcessEnv;
let release = () => {};

beforeAll(async () => {
  project = fs.mkdtempSync(path.join(tmpdir(), 'dispatch-deploy-'));
  copyProject(projectRoot(), project);
  database = await testDatabase();
  port = await freePort();
  const redis = testRedis();
  env = {
    PATH: process.env.PATH,
    HOME: project,
    PM2_HOME: path.join(project, '.pm2'),
    WEB_CONCURRENCY: '2',
    PORT: String(port),
    HOST,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    LOG_LEVEL: 'warn',
  };
  await deploy();
  // However this process ends: the daemon, and with it all it started, ends too.
  release = endWithParent(Number(fs.readFileSync(path.join(project, '.pm2', 'pm2.pid'), 'utf8')), 'TERM', [project]);
}, DEPLOY_MS);

afterAll(async () => {
  if (fs.existsSync(path.join(project, '.pm2', 'pm2.pid'))) {
    const pm2 = path.join(project, 'node_modules', 'pm2', 'bin', 'pm2');
    await promisify(execFile)(process.execPath, [pm2, 'kill'], { cwd: project, env });
  }
  release();
  await database?.drop();
  fs.rmSync(project, { recursive: true, force: true });
});

/** What a deploy needs of the project, and the bundles that `npm test` has just built. */
function copyProject(from: string, to: string): void {
  for (const file of ['ecosystem.config.cjs', 'package.json', 'shared/db/migrations']) {
    fs.cpSync(path.join(from, file), path.join(to, file), { recursive: true });
  }
  fs.cpSync(path.join(from, 'dist'), path.join(to, 'built'), { recursive: true });
  fs.symlinkSync(path.join(from, 'node_modules'), path.join(to, 'node_modules'));
}

/**
 * Deploys the bundles with `change` at the head of the server's.
 * @returns what it printed; rejects where its exit code is not 0, with the same in the error
 */
async function deploy(change = ''): Promise<string> {
  const next = path.join(project, 'dist.next');
  fs.rmSync(next, { recursive: true, force: true });
  fs.cpSync(path.join(project, 'built'), next, { recursive: true });
  const server = path.join(next, 'server.mjs');
  fs.writeFileSync(server, `${change}\n${fs.readFileSync(server, 'utf8')}`);
  const program = path.join(next, 'infra', 'deploy.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: project, env });
  return stdout;
}

/** A line that makes a server write its heads another way. */
function onHead(statement: string): string {
  return `{ const { ServerResponse } = await import('node:http'); const { writeHead } = ServerResponse.prototype;
    ServerResponse.prototype.writeHead = function (status, ...rest) {
      ${statement};
      return writeHead.call(this, status, ...rest);
    }; }`;
}

type Answer = { status: number; release: string; body: string };
function ask(target: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ agent, host: HOST, port, path: target }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, release: String(response.headers['x-release']), body }),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** Keeps asking from eight connections that stay open while `work` is done. @returns every answer that was not 200 */
async function failuresDuring(work: () => Promise<unknown>): Promise<string[]> {
  const failures: string[] = [];
  let going = true;
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (going) {
      await ask('/health').then(
        ({ status, body }) => status !== 200 && failures.push(`${status} ${body}`),
        (error: Error) => failures.push(String(error)),
      );
      // Eight clients are to be there all the time, not to see how much two cores can take.
      await pause(10);
    }
  });
  await work();
  going = false;
  await Promise.all(clients);
  return failures;
}

const served = () => fs.readFileSync(path.join(project, 'dist', 'server.mjs'), 'utf8');

test('a new version takes over without a failed request', { timeout: DEPLOY_MS }, async () => {
  const failures = await failuresDuring(() => deploy(onHead(`this.setHeader('x-release', '2')`)));
  expect(failures).toEqual([]);
  expect((await ask('/health')).release).toBe('2');
});

const broken: [string, string, RegExp][] = [
  ['ends at its start', `throw new Error('broken at start');`, /broken at start/],
  ['is not healthy', onHead(`if (this.req.url === '/health') status = 503`), /\/health: 503/],
];
test.each(broken)('a version that %s replaces nothing', { timeout: DEPLOY_MS }, async (_how, change, told) => {
  const before = served();
  const failures = await failuresDuring(() => expect(deploy(change)).rejects.toThrow(told));
  expect(failures).toEqual([]);
  expect(served()).toBe(before);
});
