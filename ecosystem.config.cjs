// `npm run build && npx pm2 start ecosystem.config.cjs`. The settings are those that lost no request over reloads.
const { loadEnvFile } = require('node:process');
try {
  loadEnvFile('.env');
} catch {
  // No .env: the environment itself has the settings.
}

const common = {
  cwd: __dirname,
  kill_timeout: 10_000,
  listen_timeout: 10_000,
  wait_ready: true,
  merge_logs: true,
  max_memory_restart: '512M',
  exp_backoff_restart_delay: 200,
};

module.exports = {
  apps: [
    { ...common, name: 'dispatch', script: 'dist/server.mjs', exec_mode: 'cluster', instances: process.env.WEB_CONCURRENCY || 'max' },
    { ...common, name: 'dispatch-relay', script: 'dist/relay.mjs', exec_mode: 'fork', instances: 1 },
  ],
};
