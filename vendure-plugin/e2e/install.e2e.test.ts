import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from './support/free-port';
import { API_KEY, SHOP_SECRET } from './support/service';

const root = path.join(__dirname, '..');
/** What the lockfile has; `VENDURE=3.5.6` (or several, with commas) for others. */
const versions: string[] = (
  process.env.VENDURE ??
  JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies['@vendure/core']
).split(',');

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

describe.each(versions)('in a fresh folder, with @vendure/core %s', (version) => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vendure-shop-'));
    const npm = (args: string[], cwd: string) =>
      execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' });
    npm(['pack', '--ignore-scripts', '--pack-destination', folder], root);
    const packed = fs.readdirSync(folder).find((file) => file.endsWith('.tgz'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"shop","private":true}');
    npm(['install', `@vendure/core@${version}`, 'pg', `./${packed}`], folder);
    fs.writeFileSync(path.join(folder, 'index.js'), SHOP);
  }, 300_000);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  const start = async (apiKey: string) => {
    const env = {
      ...process.env,
      DB: inject('databases').install!,
      PORT: String(await freePort()),
      API_KEY: apiKey,
      SECRET: SHOP_SECRET,
    };
    return new Promise<{ failed: boolean; out: string; err: string }>((resolve) => {
      execFile(process.execPath, ['index.js'], { cwd: folder, env, timeout: 120_000 }, (error, out, err) =>
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
    const nested = path.join(folder, 'node_modules/@vendure/core/node_modules');
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
