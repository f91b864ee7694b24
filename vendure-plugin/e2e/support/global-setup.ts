import type { TestProject } from 'vitest/node';
import { buildService, startStores } from './service-files';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
    databases: Record<string, string>;
  }
}

/** One PostgreSQL and one Redis for the whole run, a database for each test file that starts the service. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildService();
  const stores = await startStores([
    'administrator',
    'callback',
    'dashboard',
    'install_1',
    'install_2',
    'loop',
    'outage',
    'processes_1',
    'processes_2',
    'reconciliation',
    'sellers',
    'settings',
    'to_the_service',
    'windows',
  ]);
  project.provide('redisUrl', stores.redisUrl);
  project.provide('databases', stores.databases);
  return stores.stop;
}
