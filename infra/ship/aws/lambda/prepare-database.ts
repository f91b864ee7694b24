import postgres from 'postgres';
import { applyMigrations } from '../../../../shared/db/migrate.ts';
import { openDb } from '../../../../shared/db/open-db.ts';
import { ensureDefaultShop } from '../../../../shared/flows/shops.ts';
import { loadConfig } from '../../../../shared/runtime/config.ts';

/**
 * Before any function of a new version serves: brings the schema up to date as its owner, gives the functions' role the
 * rights of a user (rows, not tables) and the time limits that a connection through RDS Proxy cannot ask for itself, and
 * makes the shop `default`. Harmless to repeat.
 *
 * Reads DATABASE_URL (the owner, on the cluster itself), APP_USER and APP_PASSWORD.
 */
export async function handler(): Promise<{ ok: true }> {
  const config = loadConfig();
  const { APP_USER: user, APP_PASSWORD: password } = process.env;
  if (!user || !password) throw new Error('APP_USER and APP_PASSWORD are required');
  await applyMigrations(config.postgres.url);
  const sql = postgres(config.postgres.url, { max: 1, onnotice: () => {} });
  try {
    await grantRole(sql, user, password);
  } finally {
    await sql.end();
  }
  const db = openDb({ ...config.postgres, pool: 1 });
  await ensureDefaultShop({ db }, config);
  await db.close();
  return { ok: true };
}

async function grantRole(sql: postgres.Sql, user: string, password: string): Promise<void> {
  const role = sql(user);
  const [known] = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${user}`;
  if (!known) await sql`CREATE ROLE ${role} LOGIN`;
  const [database] = await sql<{ name: string }[]>`SELECT current_database() AS name`;
  // ALTER ROLE takes no parameters; the server quotes the text itself.
  const [quoted] = await sql<{ password: string }[]>`SELECT quote_literal(${password}) AS password`;
  await sql`ALTER ROLE ${role} PASSWORD ${sql.unsafe(quoted?.password ?? '')}`;
  // The same limits that shared/db/open-db.ts asks for where it may.
  await sql`ALTER ROLE ${role} SET statement_timeout = '2s'`;
  await sql`ALTER ROLE ${role} SET lock_timeout = '2s'`;
  await sql`ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '5s'`;
  await sql`ALTER ROLE ${role} SET plan_cache_mode = 'force_generic_plan'`;
  await sql`GRANT CONNECT ON DATABASE ${sql(database?.name ?? '')} TO ${role}`;
  await sql`GRANT USAGE ON SCHEMA dispatch TO ${role}`;
  await sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dispatch TO ${role}`;
  await sql`GRANT USAGE ON ALL SEQUENCES IN SCHEMA dispatch TO ${role}`;
  await sql`REVOKE INSERT, UPDATE, DELETE ON dispatch.migrations FROM ${role}`;
}
