import { existsSync } from 'node:fs';
import { applyMigrations } from '#shared/db/migrate.ts';
import { openDb } from '#shared/db/open-db.ts';
import { whyRefused } from '#shared/db/why-refused.ts';
import { ensureDefaultShop } from '#shared/flows/shops.ts';
import { ConfigError, loadConfig } from '#shared/runtime/config.ts';

/**
 * `npm run migrate`: brings the database to the newest schema and the shop `default` up to date with the environment, to
 * which .env is added, as everywhere.
 */
try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = loadConfig();
  await applyMigrations(config.postgres.url);
  const db = openDb(config.postgres);
  const shop = await ensureDefaultShop({ db }, config);
  await db.close();
  console.log(`The database is up to date. Default shop: ${shop}`);
} catch (error) {
  const refused = whyRefused(error);
  if (refused) console.error(`Nothing was migrated: ${refused}.`);
  else console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
