// Everything the stack is made from, in dist/: the project's own function bundles behind an entry that fetches their
// secrets, the Lambdas that only AWS needs, the table of routes, and the CDK app.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const project = path.resolve(here, '../../..');
const dist = path.join(here, 'dist');
const require = `import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);`;
const lambda = {
  absWorkingDir: here,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minify: true,
  legalComments: 'none',
  loader: { '.lua': 'text' },
  banner: { js: require },
  logLevel: 'error',
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
execFileSync(process.execPath, ['esbuild.config.mjs', '--quiet'], { cwd: project, stdio: 'inherit' });

const built = path.join(project, 'dist', 'functions');
const functions = readdirSync(built)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length));
for (const name of functions) cpSync(path.join(built, `${name}.mjs`), path.join(dist, 'lambda', name, 'function.mjs'));

const own = ['prepare-database', 'measure'];
for (const name of own) {
  const outfile = `dist/lambda/${name}/function.mjs`;
  await build({ ...lambda, entryPoints: [`lambda/${name}.ts`], outfile });
}
// Beside its bundle, where it looks for them.
cpSync(path.join(project, 'shared/db/migrations'), path.join(dist, 'lambda/prepare-database/shared/db/migrations'), {
  recursive: true,
});

await Promise.all(
  [...functions, ...own].map((name) =>
    build({
      ...lambda,
      entryPoints: ['lambda/entry.ts'],
      outfile: `dist/lambda/${name}/index.mjs`,
      external: ['./function.mjs'],
    }),
  ),
);
await build({
  ...lambda,
  minify: false,
  entryPoints: ['app.ts'],
  outfile: 'dist/app.mjs',
  packages: 'external',
  banner: {},
});
writeFileSync(path.join(dist, 'routes.json'), JSON.stringify(await readRoutes(), null, 2));

/** What every function answers to, read from its own `endpoints`: function → [{ method, path }]. */
async function readRoutes() {
  const folder = path.join(project, 'functions');
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(folder, entry.name, 'index.ts')))
    .map((entry) => entry.name);
  const contents = names
    .map((name, n) => `import * as f${n} from './${name}/index.ts'; export { f${n} as ${name} };`)
    .join('\n');
  const outfile = path.join(dist, 'endpoints.mjs');
  // The pages themselves are not needed to know their paths.
  const noPages = {
    name: 'no-pages',
    setup(builder) {
      builder.onResolve({ filter: /^page:/ }, ({ path: page }) => ({ path: page, namespace: 'page' }));
      builder.onLoad({ filter: /.*/, namespace: 'page' }, () => ({ contents: 'export default { assets: {} }' }));
    },
  };
  await build({
    ...lambda,
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    outfile,
    packages: 'external',
    plugins: [noPages],
  });
  const modules = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return Object.fromEntries(
    names
      .map((name) => [name, (modules[name].endpoints ?? []).map(({ method, path: at }) => ({ method, path: at }))])
      .filter(([, routes]) => routes.length > 0),
  );
}
