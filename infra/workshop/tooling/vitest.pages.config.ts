import { defineConfig } from 'vitest/config';
import service from './vitest.config.ts';

/** The pages in a real browser: Debian's package `chromium`, which `npm test` does without. */
export default defineConfig({
  ...service,
  test: { ...service.test, include: ['functions/**/*.e2e.test.ts'], exclude: ['**/node_modules/**'] },
});
