import { type ChildProcess, execFile, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DashboardProcess } from './dashboard-process';
import { API_KEY, SHOP_SECRET } from './service';
import { serviceRoot } from './service-files';

const root = path.join(__dirname, '../..');
const run = promisify(execFile);
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Kept between runs: the dashboard is some 800 MB in 1100 packages, which take minutes to come. */
const folder = path.join(root, '.dashboard');
const version: string = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies[
  '@vendure/core'
];

/** A shop's folder, as the README says. */
const FILES = {
  // Without a lockfile: what a shop gets today is what is tested.
  '.npmrc': 'package-lock=false\naudit=false\nfund=false\n',
  'package.json': JSON.stringify({
    name: 'shop',
    private: true,
    dependencies: {
      '@vendure/core': version,
      '@vendure/dashboard': version,
      '@vendure/testing': version,
      pg: '^8.16.0',
    },
  }),
  'tsconfig.json':
    '{"compilerOptions":{"module":"commonjs","target":"es2022","esModuleInterop":true,"skipLibCheck":true}}',
  'src/vendure-config.ts': `
    import type { VendureConfig } from '@vendure/core';
    import { DriverDispatchPlugin } from 'vendure-plugin-driver-dispatch';
    export const config: VendureConfig = {
      apiOptions: { port: 3000, adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
      authOptions: { tokenMethod: 'bearer' },
      dbConnectionOptions: { type: 'postgres' },
      paymentOptions: { paymentMethodHandlers: [] },
      plugins: [
        DriverDispatchPlugin.init({ serviceUrl: 'http://127.0.0.1:1', apiKey: '${API_KEY}', signingSecret: '${SHOP_SECRET}' }),
      ],
    };
  `,
  'vite.config.mts': inReadme('// vite.config.mts'),
};

/**
 * Installs Vendure's dashboard where it is not there yet, and builds it with the packed plugin, as a shop does; not again
 * while the block and the pages are the same.
 */
export async function buildDashboard(): Promise<void> {
  fs.mkdirSync(path.join(folder, 'src'), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) fs.writeFileSync(path.join(folder, name), content);
  if (installedVersion() !== version) await inFolder('npm', ['install', '--loglevel=error']);
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const ours = path.join(folder, 'node_modules/vendure-plugin-driver-dispatch');
  fs.rmSync(ours, { recursive: true, force: true });
  fs.mkdirSync(ours);
  await run('tar', ['-xzf', path.join(folder, filename), '-C', ours, '--strip-components=1']);
  const built = path.join(folder, 'built-of');
  const of = hashOf(path.join(ours, 'dist/dashboard'));
  if (fs.existsSync(built) && fs.readFileSync(built, 'utf8') === of) return;
  fs.rmSync(built, { force: true });
  await inFolder(path.join(folder, 'node_modules/.bin/vite'), ['build']);
  fs.writeFileSync(built, of);
}

/** A block of code that begins with this line: what is told there is what is tried. */
function inReadme(line: string): string {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const block = readme.match(new RegExp(`\`\`\`ts\\n(${line}\\n.*?)\`\`\``, 's'))?.[1];
  if (block === undefined) throw new Error(`README.md has no block that begins with ${line}`);
  return block;
}

/** Of what Vite is given: the files of a folder, their names and its own settings. */
function hashOf(of: string): string {
  const hash = createHash('sha256').update(JSON.stringify(FILES));
  for (const name of fs.readdirSync(of, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(of, name);
    if (fs.statSync(file).isFile()) hash.update(`${name}\n`).update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

function installedVersion(): string | null {
  const manifest = path.join(folder, 'node_modules/@vendure/dashboard/package.json');
  return fs.existsSync(manifest) ? JSON.parse(fs.readFileSync(manifest, 'utf8')).version : null;
}

const inFolder = (command: string, args: string[]) => run(command, args, { cwd: folder, maxBuffer: MOST_OUTPUT_BYTES });

/** The shop as a process of its own in that folder: its packages, the plugin as it is packed, the dashboard as it is built. */
export async function serveDashboard(settings: DashboardProcess): Promise<() => Promise<void>> {
  const child = fork(await bundle(), {
    cwd: folder,
    env: { ...process.env, SHOP: JSON.stringify(settings) },
    stdio: 'inherit',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The shop ended with ${code}`)));
  });
  return () => end(child);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function bundle(): Promise<string> {
  const { build } = createRequire(path.join(serviceRoot, 'package.json'))('esbuild');
  const outfile = path.join(folder, 'shop.js');
  const asInstalled = {
    name: 'plugin-as-installed',
    setup: (of: { onResolve: (which: object, to: () => object) => void }) =>
      of.onResolve({ filter: /^\.\.\/\.\.\/src$/ }, () => ({ path: 'vendure-plugin-driver-dispatch', external: true })),
  };
  await build({
    entryPoints: [path.join(__dirname, 'dashboard-process.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [asInstalled],
    logLevel: 'error',
  });
  return outfile;
}
