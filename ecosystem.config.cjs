// `npm run build && npx pm2 start ecosystem.config.cjs`. The settings are those that lost no request over reloads.
// The environment is that of the shell, and .env beside this file for what the shell does not say.
const { existsSync } = require('node:fs');
const path = require('node:path');
const { loadEnvFile } = require('node:process');

const envFile = path.join(__dirname, '.env');
if (existsSync(envFile)) loadEnvFile(envFile);
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
    },
    {
      ...common,
      name: 'dispatch-relay',
      script: 'dist/relay.mjs',
      exec_mode: 'fork',
      instances: 1,
      // Its numbers are on a port of its own, well past those of the cluster's processes.
      env: process.env.METRICS_PORT ? { METRICS_PORT: String(Number(process.env.METRICS_PORT) + 100) } : {},
    },
  ],
};
