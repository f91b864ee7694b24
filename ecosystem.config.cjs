// `npm run build && npx pm2 start ecosystem.config.cjs`. The settings are those that lost no request over reloads.
// The environment is that of the shell, and .env beside this file for what the shell does not say.
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { loadEnvFile } = require('node:process');
const { parseEnv } = require('node:util');

// All that the service reads (shared/runtime/variables.ts, which a test holds this list to).
const NAMES = `
  PORT HOST PUBLIC_URL
  DATABASE_URL DB_HOST DB_PORT DB_NAME DB_USERNAME DB_PASSWORD DB_POOL DB_PREPARE DB_SESSION_TIMEOUTS
  REDIS_URL REDIS_HOST REDIS_PORT REDIS_PASSWORD REDIS_PREFIX REDIS_CLUSTER
  OPERATOR_KEY TOKEN_SECRET TOKEN_SECRET_PREVIOUS
  TRUSTED_PROXIES LIMIT_KEY_PER_MINUTE LIMIT_DRIVER_PER_MINUTE LIMIT_SHOP_PER_MINUTE LIMIT_REFUSALS_PER_MINUTE
  LIMIT_SHOP_STORED_KEYS_PER_DAY LIMIT_DRIVER_STORED_KEYS_PER_DAY LIMIT_STREAMS_PER_KEY LIMIT_STREAMS_PER_SHOP
  RELAY_INTERVAL_MS RETENTION_POSITIONS_DAYS RETENTION_EVENTS_DAYS RETENTION_INBOX_DAYS RETENTION_OUTBOX_DAYS
  RETENTION_IDEMPOTENCY_DAYS RETENTION_PHOTOS_DAYS
  METRICS_PORT METRICS_HOST OTEL_EXPORTER_OTLP_ENDPOINT OTEL_SERVICE_NAME LOG_LEVEL
  WEBHOOK_ALLOW_PRIVATE VAPID_PUBLIC_KEY VAPID_PRIVATE_KEY VAPID_SUBJECT
  MAP_TILE_URL MAP_ATTRIBUTION ROUTING_URL ROUTING_ENGINE
  PROOF_DIR PROOF_BUCKET_URL AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  DEFAULT_SHOP_KEY DEFAULT_SHOP_SECRET DEFAULT_SHOP_STATIC_SECRET DEFAULT_SHOP_WEBHOOK_URL DEFAULT_SHOP_WEBHOOK_SECRET
  DEFAULT_SHOP_PICKUP_LAT DEFAULT_SHOP_PICKUP_LON DEFAULT_SHOP_PICKUP_ADDRESS
`
  .trim()
  .split(/\s+/);

const envFile = path.join(__dirname, '.env');
const isThere = existsSync(envFile);
if (isThere) loadEnvFile(envFile);
// Each name, also where it is not set: PM2 lays a new environment over the one before, in which a line that was taken out
// of .env would live on. Empty counts as not set. What else .env says (for Node itself, say) comes along.
const others = isThere ? Object.keys(parseEnv(readFileSync(envFile, 'utf8'))) : [];
const env = Object.fromEntries([...others, ...NAMES].map((name) => [name, process.env[name] ?? '']));
if (!existsSync(path.join(__dirname, 'dist', 'server.mjs')))
  throw new Error('There is nothing to run yet: npm run build');

const common = {
  cwd: __dirname,
  kill_timeout: 10_000,
  listen_timeout: 10_000,
  wait_ready: true,
  merge_logs: true,
  max_memory_restart: '512M',
  exp_backoff_restart_delay: 200,
  // 78: the environment is wrong (`pm2 logs` says where), which no restart mends.
  stop_exit_codes: [78],
};

module.exports = {
  apps: [
    {
      ...common,
      name: 'dispatch',
      script: 'dist/server.mjs',
      exec_mode: 'cluster',
      instances: process.env.WEB_CONCURRENCY || 'max',
      env,
    },
    {
      ...common,
      name: 'dispatch-relay',
      script: 'dist/relay.mjs',
      exec_mode: 'fork',
      instances: 1,
      // Its numbers are on a port of its own, well past those of the cluster's processes.
      env: { ...env, METRICS_PORT: env.METRICS_PORT && String(Number(env.METRICS_PORT) + 100) },
    },
  ],
};
