import { defineConfig } from 'vitest/config';
import { browserPagesInTests } from './browser-pages.mjs';
import { shippedClients } from './shipped-clients.mjs';

/** Loads `*.lua` as text, as lua-text.mjs does for the bundles, but whole. */
const luaAsText = {
  name: 'lua-as-text',
  transform(code: string, id: string): { code: string } | undefined {
    return id.endsWith('.lua') ? { code: `export default ${JSON.stringify(code)}` } : undefined;
  },
};

export default defineConfig({
  plugins: [shippedClients, browserPagesInTests, luaAsText],
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['functions/**/*.test.ts', 'shared/**/*.test.ts', 'infra/**/*.test.ts'],
    // The pages' tests need a browser on the machine: vitest.pages.config.ts, npm run test:pages.
    exclude: ['**/node_modules/**', 'dist/**', 'infra/ship/aws/**', 'vendure-plugin/**', '**/*.e2e.test.ts'],
    globalSetup: ['shared/testing/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
  },
});
