import fs from 'node:fs';
import path from 'node:path';
import { startCandidate, tryToStart } from './candidate.ts';

export type Deployment = {
  /** The folder of package.json: holds dist/, which serves, and ecosystem.config.cjs. */
  root: string;
  /** The folder with the new bundles, beside dist/. */
  next: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  /** Runs a program of Node's to its end. @throws Error with its last output where it fails */
  run: (program: string, args: readonly string[]) => Promise<void>;
  /** Whether the service answers GET /health with 200 on its own port. */
  isServing: () => Promise<boolean>;
};

/** A process may need seconds for its first answer on a busy host; one that runs has no such excuse. */
const START_WITHIN_MS = 15_000;
const HEALTHY_WITHIN_MS = 4_000;

/**
 * Replaces what PM2 runs by the bundles in `next`, once they have shown that they work:
 *
 * 1. the new server starts on a spare port and answers; the new relay starts;
 * 2. the database is migrated (the running version goes on meanwhile: migrations only add);
 * 3. the new server's `/health` is 200;
 * 4. dist/ and `next` change places, PM2 reloads one worker after the other;
 * 5. `/health` is asked on the real port; where it is not 200, they change back and PM2 reloads again.
 *
 * @throws Error before step 4 with everything as it was, in step 5 with the old bundles serving again
 */
export async function deploy(deployment: Deployment): Promise<void> {
  const { root, next, env, say, run } = deployment;
  say('1/5 The new bundle starts on a spare port');
  const candidate = await startCandidate({ bundle: path.join(next, 'server.mjs'), env });
  try {
    await candidate.answers('/health/live', START_WITHIN_MS);
    await tryToStart({ bundle: path.join(next, 'relay.mjs'), env }, START_WITHIN_MS);
    say('2/5 The database is brought up to date');
    await run(path.join(next, 'infra', 'migrate.mjs'), []);
    say('3/5 The new bundle is asked for its health');
    await candidate.answers('/health', HEALTHY_WITHIN_MS);
  } finally {
    await candidate.stop();
  }
  say('4/5 PM2 takes it over, one worker after the other');
  const previous = swap(root, next);
  try {
    await reload(deployment);
    say('5/5 The service is asked for its health');
    if (!(await deployment.isServing())) throw new Error('/health is not 200 after the reload');
  } catch (error) {
    if (previous === null) throw error;
    say('    The version before is put back');
    fs.renameSync(path.join(root, 'dist'), next);
    fs.renameSync(previous, path.join(root, 'dist'));
    await reload(deployment);
    throw error;
  }
}

async function reload({ root, run }: Deployment): Promise<void> {
  const pm2 = path.join(root, 'node_modules', 'pm2', 'bin', 'pm2');
  await run(pm2, ['startOrReload', 'ecosystem.config.cjs', '--update-env']);
}

/**
 * Puts `next` in the place of dist/. A worker that PM2 starts between the two renames fails, and is started again.
 * @returns where the former dist/ is; null if there was none
 */
function swap(root: string, next: string): string | null {
  const dist = path.join(root, 'dist');
  const previous = path.join(root, 'dist.previous');
  fs.rmSync(previous, { recursive: true, force: true });
  const had = fs.existsSync(dist);
  if (had) fs.renameSync(dist, previous);
  fs.renameSync(next, dist);
  return had ? previous : null;
}
