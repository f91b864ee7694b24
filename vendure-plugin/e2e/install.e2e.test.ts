import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from './support/free-port';
import { API_KEY, SHOP_SECRET } from './support/service';

const root = path.join(__dirname, '..');
const run = promisify(execFile);
/** Both ends of what is supported: what the lockfile has, and the oldest. `VENDURE=3.6.4` (or several, with commas) for others. */
const OLDEST = '3.5.6';
const newest: string = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies[
  '@vendure/core'
];
const versions = process.env.VENDURE?.split(',') ?? [newest, OLDEST];

/** The shop of somebody who has followed the README, and says what it has come to. */
const SHOP = `
  const { bootstrap, DefaultJobQueuePlugin, DefaultLogger, LogLevel } = require('@vendure/core');
  const { DriverDispatchPlugin } = require('vendure-plugin-driver-dispatch');
  const { DB, PORT, API_KEY: apiKey, SECRET: signingSecret } = process.env;
  const { hostname: host, port, pathname } = new URL(DB);
  const dbConnectionOptions =
    { type: 'postgres', host, port: Number(port), username: 'app', password: 'none', database: pathname.slice(1), synchronize: true };
  bootstrap({
    apiOptions: { port: Number(PORT), adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
    authOptions: { superadminCredentials: { identifier: 'superadmin', password: 'superadmin' }, cookieOptions: { secret: 's' } },
    logger: new DefaultLogger({ level: LogLevel.Error }),
    dbConnectionOptions,
    paymentOptions: { paymentMethodHandlers: [] },
    plugins: [
      DriverDispatchPlugin.init({ serviceUrl: 'http://127.0.0.1:1', apiKey, signingSecret }),
      DefaultJobQueuePlugin.init({}),
    ],
  }).then(async (app) => {
    const callback = await fetch('http://127.0.0.1:' + PORT + '/driver-dispatch/callback', { method: 'POST' });
    console.log('callback ' + callback.status);
    await app.close();
    process.exit(0);
  });
`;

/** Where each is installed: all at once, since what takes time is the registry. */
const folders = new Map<string, string>();

async function install(version: string): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vendure-shop-'));
  folders.set(version, folder);
  const npm = (args: string[], cwd: string) =>
    run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const packed = fs.readdirSync(folder).find((file) => file.endsWith('.tgz'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"shop","private":true}');
  await npm(['install', `@vendure/core@${version}`, 'pg', `./${packed}`], folder);
  fs.writeFileSync(path.join(folder, 'index.js'), SHOP);
}

beforeAll(() => Promise.all(versions.map(install)), 300_000);
afterAll(() => {
  for (const folder of folders.values()) fs.rmSync(folder, { recursive: true, force: true });
});

describe.each(versions)('in a fresh folder, with @vendure/core %s', (version) => {
  const folderOf = () => folders.get(version)!;

  const start = async (apiKey: string) => {
    const env = {
      ...process.env,
      DB: inject('databases')[`install_${1 + (versions.indexOf(version) % 2)}`]!,
      PORT: String(await freePort()),
      API_KEY: apiKey,
      SECRET: SHOP_SECRET,
    };
    return new Promise<{ failed: boolean; out: string; err: string }>((resolve) => {
      execFile(process.execPath, ['index.js'], { cwd: folderOf(), env, timeout: 120_000 }, (error, out, err) =>
        resolve({ failed: error !== null, out, err }),
      );
    });
  };

  it('installs in one command, starts, and listens for the service', async () => {
    const { out, err } = await start(API_KEY);
    expect(err).not.toContain('Error');
    expect(out).toContain('callback 401');
  }, 150_000);

  it('has one Nest, not two', () => {
    const nested = path.join(folderOf(), 'node_modules/@vendure/core/node_modules');
    for (const name of ['@nestjs/core', '@nestjs/graphql', 'typeorm', 'graphql'])
      expect(fs.existsSync(path.join(nested, name)), name).toBe(false);
  });

  it('names a wrong setting, without a stack', async () => {
    const { failed, err } = await start('hunter2');
    expect(failed).toBe(true);
    expect(err).toContain('DriverDispatchPlugin: apiKey must look like');
    expect(err).not.toMatch(/^\s+at /m);
    expect(err).not.toContain('hunter2');
  });
});
