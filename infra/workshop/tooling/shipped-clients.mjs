import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { slimIoredis } from './slim-ioredis.mjs';
import { slimPostgres } from './slim-postgres.mjs';

/** Per client, what of it a bundle asks for, and what leaves out the rest. */
const CLIENTS = {
  ioredis: { contents: `export { Cluster, Redis } from 'ioredis';`, plugins: [slimIoredis] },
  postgres: { contents: `export { default } from 'postgres';`, plugins: [slimPostgres] },
};

/** Where the service reaches the clients; migrations, which are run by hand, have the whole one. */
const DOORS = /([\\/]availability[\\/]client|[\\/]db[\\/]connection|clients-as-they-ship\.test)\.ts$/;

const folder = fileURLToPath(new URL('../../../node_modules/.cache/shipped-clients/', import.meta.url));
const fileOf = (name) => `${folder}${name}.mjs`;

/**
 * vite plugin: all tests run with the clients of PostgreSQL and Redis as the bundles have them, so that what is tested is
 * what ships. What a test asks a store by itself goes by the whole client.
 */
export const shippedClients = {
  name: 'shipped-clients',
  enforce: 'pre',
  async buildStart() {
    mkdirSync(folder, { recursive: true });
    await Promise.all(Object.entries(CLIENTS).map(([name, client]) => make(name, client)));
  },
  resolveId(id, importer = '') {
    if (id in CLIENTS && DOORS.test(importer)) return fileOf(id);
  },
};

async function make(name, { contents, plugins }) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'js' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; globalThis.require ??= makeRequire(import.meta.url);`,
    },
    logLevel: 'error',
    write: false,
    plugins,
  });
  // Another run may read the file meanwhile: it is never half written.
  const mine = `${fileOf(name)}.${process.pid}`;
  writeFileSync(mine, outputFiles[0].text);
  renameSync(mine, fileOf(name));
}
