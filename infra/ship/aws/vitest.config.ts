import { defineConfig } from 'vitest/config';

/** Loads `*.lua` as text, as the bundles do. */
const luaAsText = {
  name: 'lua-as-text',
  transform(code: string, id: string): { code: string } | undefined {
    return id.endsWith('.lua') ? { code: `export default ${JSON.stringify(code)}` } : undefined;
  },
};

export default defineConfig({
  plugins: [luaAsText],
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    // Synthesis of the whole stack.
    hookTimeout: 90_000,
    passWithNoTests: false,
  },
});
