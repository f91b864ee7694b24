import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { deploy } from '#infra/ship/deploy/deploy.ts';
import { ownUrl } from '#infra/ship/deploy/own-address.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { loadConfig } from '#shared/runtime/config.ts';

const HELP = `npm run deploy [-- --help]

Replaces the version that PM2 runs on this host by the present state of this folder, without losing a request:
  build into dist.next/ · start it on a spare port · migrate · ask its /health · take its place, reload · ask again
A bundle that does not start or is not healthy replaces nothing, and the exit code is 1. Settings come from the
environment and from .env. The version before stays in dist.previous/. The first run starts the service.`;

const KEPT_OUTPUT_CHARS = 4_000;
const HEALTHY_WITHIN_MS = 10_000;

/** Shows its output only where it fails. */
function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not `close`: the PM2 daemon started here keeps the pipes open.
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${path.basename(program)} ${args.join(' ')} failed (${code})\n${output}`));
    });
  });
}

async function isServing(url: string): Promise<boolean> {
  const deadline = performance.now() + HEALTHY_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(3_000) }).catch(() => null);
    if (answer?.status === 200) return true;
    await pause(200);
  }
  return false;
}

async function main(): Promise<void> {
  const next = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const root = projectRoot();
  if (path.basename(next) === 'dist') throw new Error('This is the bundle in dist/; start a deploy by: npm run deploy');
  process.chdir(root);
  if (fs.existsSync('.env')) process.loadEnvFile('.env');
  const { host, port } = loadConfig().http;
  const startedAt = performance.now();
  await deploy({ root, next, env: process.env, say: console.log, run, isServing: () => isServing(ownUrl(host, port)) });
  console.log(`Deployed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; see it by: npx pm2 list`);
}

if (process.argv.includes('--help')) console.log(HELP);
else {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error('Not deployed. What ran before still runs.');
    process.exitCode = 1;
  });
}
