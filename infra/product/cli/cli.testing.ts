import { afterAll, beforeAll } from 'vitest';
import type { Environment } from '#shared/runtime/config.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { runCli } from './run-cli.ts';

/** No `npm start` keeps its data there. */
export const NOWHERE = '/nowhere';

/** The command line on stores of its own, for a file of tests; the stores are there once the tests run. */
export function givenCli() {
  let database: TestDatabase;
  let env: Environment;
  const redis = testRedis();
  beforeAll(async () => {
    database = await testDatabase();
    env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.prefix,
      TOKEN_SECRET: 'a token secret for the tests, 32+',
    };
  });
  afterAll(() => database.drop());
  async function cli(...args: string[]) {
    const told = { out: '', err: '' };
    const to = (name: 'out' | 'err') => (text: string) => {
      told[name] += `${text}\n`;
    };
    const code = await runCli(args, env, { out: to('out'), err: to('err') }, NOWHERE);
    return { code, ...told };
  }
  return {
    cli,
    json: async (...args: string[]) => JSON.parse((await cli(...args, '--json')).out),
    redis,
    get env() {
      return env;
    },
    get database() {
      return database;
    },
  };
}
