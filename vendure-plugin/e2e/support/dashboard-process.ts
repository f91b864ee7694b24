import { createRequire } from 'node:module';
import path from 'node:path';
import { bootstrap, type VendureConfig } from '@vendure/core';
import { shopConfig } from './shop';

/** What the shop that serves the dashboard is told, as JSON in `SHOP`. */
export interface DashboardProcess {
  port: number;
  databaseUrl: string;
  /** The shop's own, which a test has filled. */
  database: string;
  serviceUrl: string;
}

type Plugin = NonNullable<VendureConfig['plugins']>[number];
interface DashboardModule {
  DashboardPlugin: { init(options: { route: string; appDir: string }): Plugin };
}

/** A shop as its maker has it in production: it serves its dashboard itself, at `/dashboard`. */
async function main(): Promise<void> {
  const { port, databaseUrl, database, serviceUrl } = JSON.parse(process.env.SHOP ?? '{}') as DashboardProcess;
  // Installed in the folder that this runs in, and not among this package's own.
  const { DashboardPlugin } = createRequire(__filename)('@vendure/dashboard/plugin') as DashboardModule;
  const dashboard = DashboardPlugin.init({ route: 'dashboard', appDir: path.resolve('dist/dashboard') });
  const config = shopConfig({ port, databaseUrl }, { serviceUrl, timeZone: 'Europe/Berlin' }, { plugins: [dashboard] });
  const dbConnectionOptions = { ...config.dbConnectionOptions, database, synchronize: false } as never;
  await bootstrap({ ...config, dbConnectionOptions });
  process.send?.('ready');
  // Nobody is left who would stop it.
  process.once('disconnect', () => process.exit(1));
}

void main();
