import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { defineConfig } from 'vitest/config';
import { slimIoredis } from './slim-ioredis.mjs';
import { slimPostgres } from './slim-postgres.mjs';
import service from './vitest.config.ts';

/*
 * The suites of both stores once more, with the clients of PostgreSQL and Redis as the bundles have them: without what
 * slim-postgres.mjs and slim-ioredis.mjs leave out. What a test asks a store by itself goes by the whole client.
 */

const SHIPPED = {
  ioredis: { contents: `export { Cluster, Redis } from 'ioredis';`, plugins: [slimIoredis] },
  postgres: { contents: `export { default } from 'postgres';`, plugins: [slimPostgres] },
};

/** Where the service reaches the clients; migrations, which are run by hand, have the whole one. */
const DOORS = /([\\/]availability[\\/]client|[\\/]db[\\/]connection|\.shipped\.test)\.ts$/;

const folder = fileURLToPath(new URL('../../../node_modules/.cache/shipped-clients/', import.meta.url));
const fileOf = (name) => `${folder}${name}.mjs`;

await Promise.all(
  Object.entries(SHIPPED).map(([name, { contents, plugins }]) =>
    build({
      stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'js' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      banner: {
        js: `import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);`,
      },
      logLevel: 'error',
      outfile: fileOf(name),
      plugins,
    }),
  ),
);

const shippedClients = {
  name: 'shipped-clients',
  enforce: 'pre',
  resolveId(id, importer = '') {
    if (id in SHIPPED && DOORS.test(importer)) return fileOf(id);
  },
};

export default defineConfig({
  ...service,
  plugins: [shippedClients, ...service.plugins],
  test: {
    ...service.test,
    include: [
      'infra/workshop/tooling/*.shipped.test.ts',
      'shared/availability/*.int.test.ts',
      'shared/db/statements/*.int.test.ts',
      'shared/db/unmigrated.int.test.ts',
    ],
    // These ask PostgreSQL by the whole client alone.
    exclude: ['**/node_modules/**', '**/plans-of-statements.int.test.ts', '**/of-one-shop.int.test.ts'],
  },
});
