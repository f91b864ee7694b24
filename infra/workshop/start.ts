import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { startRelay } from '#functions/relay/index.ts';
import { startWatching } from '#functions/run.ts';
import { startServer } from '#functions/server.ts';
import { openWatch } from '#functions/watch.ts';
import { forgetKept } from '#infra/workshop/embedded/forget-kept.ts';
import { keptSecrets } from '#infra/workshop/embedded/kept-secrets.ts';
import { startPostgres } from '#infra/workshop/embedded/postgres.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { startRedis } from '#infra/workshop/embedded/redis.ts';
import { namesDatabase, noteRunning } from '#infra/workshop/embedded/running-stores.ts';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { applyMigrations } from '#shared/db/migrate.ts';
import { loginTicket } from '#shared/flows/login.ts';
import { type Config, ConfigError, type Environment, readConfig } from '#shared/runtime/config.ts';
import { openShutdown } from '#shared/runtime/shutdown.ts';

/*
 * `npm start`: the whole service in one process, on the stores named in the environment or on private ones of its own
 * whose data stays in `.data/`. `--fresh` begins with empty ones.
 */

const HELP = `npm start [-- --fresh]

Starts the whole service: server, relay, and, where DATABASE_URL/DB_* and REDIS_URL/REDIS_* are not set, in the
environment or in .env, a private PostgreSQL and Redis. What PostgreSQL holds, and photographs, stay in .data/ between
runs, --fresh empties it; Redis is filled from PostgreSQL at each start. PORT is 3001 unless set. It listens to this
machine alone (HOST=127.0.0.1) and calls webhooks of this machine (WEBHOOK_ALLOW_PRIVATE=loopback)
unless told otherwise.`;

const asked = process.argv.slice(2);
const unknown = asked.find((word) => word !== '--fresh' && word !== '--help');
if (asked.includes('--help') || unknown !== undefined) {
  if (unknown === undefined) console.log(HELP);
  else console.error(`npm start knows no ${unknown}\n\n${HELP}`);
  process.exit(unknown === undefined ? 0 : 2);
}

// As everywhere: what is in the environment already counts before what .env says.
if (fs.existsSync('.env')) process.loadEnvFile('.env');

const dataDir = path.join(projectRoot(), '.data');
const say = (line = '') => console.log(line);

async function main(): Promise<void> {
  const fresh = asked.includes('--fresh');
  if (fresh) forgetKept(dataDir, !namesDatabase(process.env));
  const random = () => randomBytes(24).toString('hex');
  const kept = keptSecrets(dataDir, { PRIVATE_POSTGRES_PASSWORD: random(), PRIVATE_REDIS_PASSWORD: random() });
  const env: Record<string, string | undefined> = {
    ...kept,
    HOST: '127.0.0.1',
    WEBHOOK_ALLOW_PRIVATE: 'loopback',
    // An empty value, as a copy of .env.example has many, is none.
    ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
  };
  const stops: (() => Promise<void>)[] = [];
  say('Starting the driver dispatch …');
  const own = !namesDatabase(env);
  if (own) {
    const postgres = await startPostgres({
      dataDir: path.join(dataDir, 'postgres'),
      durable: true,
      fresh,
      password: kept.PRIVATE_POSTGRES_PASSWORD ?? random(),
    });
    stops.push(postgres.stop);
    env.DATABASE_URL = postgres.url;
    say(
      `  PostgreSQL   ${postgres.kind}, its own; data in ${path.relative(projectRoot(), postgres.dataDir) || postgres.dataDir}`,
    );
    await applyMigrations(postgres.url);
  } else {
    say('  PostgreSQL   the one in the environment (its schema is brought up to date by: npm run migrate)');
  }
  if (!env.REDIS_URL && !env.REDIS_HOST) {
    const redis = await startRedis({ durable: false, password: kept.PRIVATE_REDIS_PASSWORD ?? random() });
    if (redis === null) {
      say('  Redis        NONE FOUND: every search is answered by PostgreSQL alone. Correct, but slower.');
      say('               Install redis-server or valkey-server, or set REDIS_URL, to speed it up.');
    } else {
      stops.push(redis.stop);
      env.REDIS_URL = redis.url;
      say(`  Redis        ${redis.kind}, its own; rebuilt from PostgreSQL at each start`);
    }
  } else {
    say('  Redis        the one in the environment');
  }
  const config = readConfig(env);
  if (own) {
    const takeBack = noteRunning(dataDir, { databaseUrl: config.postgres.url, redisUrl: config.redis?.url ?? null });
    stops.unshift(async () => takeBack());
  }
  await run(config, env, stops);
}

async function run(config: Config, env: Environment, stops: readonly (() => Promise<void>)[]): Promise<void> {
  const watch = await openWatch(config);
  const { server, deps, url, endStreams } = await startServer(config, watch);
  const relay = startRelay(config, watch);
  const endWatch = await startWatching(config, watch, deps);
  openShutdown({
    process,
    server,
    endStreams,
    log: deps.log,
    lameDuckMs: 200,
    closeStores: async () => {
      await relay.stop();
      await deps.close();
      await endWatch();
      for (const stop of stops) await stop();
    },
  });
  say(`  Server       ${url} (with the relay in the same process)`);
  say(`  Health       ${url}/health`);
  say(`  Console      ${url}/console${await loginFragment(deps, env.DEFAULT_SHOP_KEY)}`);
  say('               (logs in once; afterwards with the key of the shop, in the file below)');
  printNextSteps(url);
}

/** `#login=…` for the shop's key: it works once, and stays out of every log, since browsers send no fragment. */
async function loginFragment(deps: ServiceDeps, shopKey: string | undefined): Promise<string> {
  const keyId = /^dk_([A-Za-z0-9-]+)_/.exec(shopKey ?? '')?.[1];
  const shop = await deps.shops.bySlug('default').catch(() => null);
  if (keyId === undefined || shop === null) return '';
  return `#login=${loginTicket(deps.seal, { shopId: shop.id, keyId }, deps.clock.nowMs())}`;
}

function printNextSteps(url: string): void {
  say();
  say('The keys of this installation are in a file that only you can read. This shows them:');
  say('  cat .data/secrets.json');
  if (process.env.DEFAULT_SHOP_KEY) say('(DEFAULT_SHOP_KEY is the one in the environment.)');
  say();
  say('Try it, in another terminal:');
  say(`  export URL=${url}`);
  say(`  export KEY=\${DEFAULT_SHOP_KEY:-$(sed -n 's/.*"DEFAULT_SHOP_KEY": "\\(.*\\)".*/\\1/p' .data/secrets.json)}`);
  say(`  DRIVER=$(curl -s $URL/v1/drivers -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`);
  say(`    -d '{"name":"Asha"}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`);
  say(
    `  curl -s -X PUT $URL/v1/drivers/$DRIVER/status -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"status":"AVAILABLE"}'`,
  );
  say(
    `  curl -s $URL/v1/drivers/$DRIVER/location -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{"lat":52.5291,"lon":13.4013}'`,
  );
  say(`  curl -s $URL/v1/deliveries -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`);
  say(`    -d '{"sellerOrderId":"ORDER-1","pickup":{"lat":52.53,"lon":13.40},"dropoff":{"lat":52.52,"lon":13.41}}'`);
  say();
  say('A city with 50 drivers, live in the terminal:       npm run demo');
  say('Shops, keys, drivers, failed webhooks, from there:  npm run cli -- --help');
  say('Stop with Ctrl-C.');
  say();
}

main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
  if (error.code === 'EADDRINUSE') console.error(`Port ${error.port} is taken. Name another: PORT=3002 npm start`);
  else console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
