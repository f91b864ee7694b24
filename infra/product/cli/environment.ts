import { keptSecrets } from '#infra/workshop/embedded/kept-secrets.ts';
import { findRunning, namesDatabase } from '#infra/workshop/embedded/running-stores.ts';
import type { Environment } from '#shared/runtime/config.ts';

/** Neither a database is named, nor does `npm start` run, whose own could be used. */
export class NoStoreError extends Error {
  constructor() {
    super(
      'There is no database to work on: neither DATABASE_URL nor DB_HOST is set (.env is read too), and npm start, whose private one would be used, does not run in this folder.',
    );
  }
}

/**
 * The environment a command works in: the one given, or, where that names no database, the private stores of the
 * `npm start` that runs in the same folder.
 * @param dataDir where `npm start` keeps its data
 * @returns `note`: one line about what was found, for people
 * @throws NoStoreError
 */
export function environmentOf(env: Environment, dataDir: string): { env: Environment; note: string | null } {
  if (namesDatabase(env)) return { env, note: null };
  const running = findRunning(dataDir);
  if (running === null) throw new NoStoreError();
  const { databaseUrl, redisUrl } = running;
  const redis = redisUrl === null ? 'no Redis' : `Redis ${placeOf(redisUrl)}`;
  return {
    env: { ...keptSecrets(dataDir), ...env, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl ?? '', REDIS_HOST: '' },
    note: `On the private stores of the running npm start: PostgreSQL ${placeOf(databaseUrl)}, ${redis}`,
  };
}

/** Without user and password. */
function placeOf(url: string): string {
  return new URL(url).host;
}
