import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { VARIABLES } from '#shared/runtime/variables.ts';

/* What PM2 is told each time: an environment in which nothing of the one before is left. */

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'dispatch-ecosystem-'));
  fs.copyFileSync(path.join(projectRoot(), 'ecosystem.config.cjs'), path.join(folder, 'ecosystem.config.cjs'));
  fs.mkdirSync(path.join(folder, 'dist'));
  fs.writeFileSync(path.join(folder, 'dist', 'server.mjs'), '');
  for (const name of Object.keys(VARIABLES)) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(folder, { recursive: true, force: true });
});

function environments(): Record<string, string>[] {
  const { apps } = createRequire(import.meta.url)(path.join(folder, 'ecosystem.config.cjs')) as {
    apps: { env: Record<string, string> }[];
  };
  return apps.map(({ env }) => env);
}

test('both programs are given every variable that is read, those that are not set as empty', () => {
  vi.stubEnv('LOG_LEVEL', 'error');
  const [server, relay] = environments();
  expect(Object.keys(server!).sort()).toEqual(Object.keys(VARIABLES).sort());
  expect(server).toMatchObject({ LOG_LEVEL: 'error', TOKEN_SECRET_PREVIOUS: '', METRICS_PORT: '' });
  expect(relay).toEqual(server);
});

test('the shell counts before .env, which may say more; the relay’s numbers are on a port of its own', () => {
  fs.writeFileSync(path.join(folder, '.env'), 'LOG_LEVEL=warn\nMETRICS_PORT=9464\nDISPATCH_TEST_OF_NODE=1\n');
  vi.stubEnv('LOG_LEVEL', 'error');
  const [server, relay] = environments();
  expect(server).toMatchObject({ LOG_LEVEL: 'error', METRICS_PORT: '9464', DISPATCH_TEST_OF_NODE: '1' });
  expect(relay).toEqual({ ...server, METRICS_PORT: '9564' });
});
