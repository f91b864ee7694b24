import path from 'node:path';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

/** What takes minutes is asked for by name. */
const BY_NAME = [
  // Server and worker apart, killed one after the other: some six minutes on two cores.
  ...(process.env.WITH_PROCESSES ? [] : ['e2e/processes.e2e.test.ts']),
  // Vendure's dashboard is some 800 MB of packages to install once, and minutes to build after each change of ours.
  ...(process.env.WITH_DASHBOARD ? [] : ['e2e/dashboard-built.e2e.test.ts']),
];

export default defineConfig({
  oxc: false,
  // Nest's injection and TypeORM's columns live on decorator metadata, which esbuild does not write.
  plugins: [
    swc.vite({
      jsc: {
        parser: { syntax: 'typescript', decorators: true, tsx: true },
        transform: {
          legacyDecorator: true,
          decoratorMetadata: true,
          useDefineForClassFields: false,
          react: { runtime: 'automatic' },
        },
        target: 'es2022',
      },
    }),
  ],
  resolve: {
    alias: {
      '@vendure/dashboard': path.join(import.meta.dirname, 'e2e/support/dashboard-stand-in.tsx'),
      '@lingui/core': path.join(import.meta.dirname, 'e2e/support/lingui-stand-in.ts'),
      '@lingui/react': path.join(import.meta.dirname, 'e2e/support/lingui-stand-in.ts'),
    },
  },
  test: {
    include: ['src/**/*.test.ts', 'e2e/**/*.test.{ts,tsx}'],
    exclude: ['node_modules/**', '.dashboard/**', ...BY_NAME],
    globalSetup: ['e2e/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    env: { VENDURE_DISABLE_TELEMETRY: 'true' },
  },
});
