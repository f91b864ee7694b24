import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { checkAll } from './check/check.ts';
import type { Options } from './options.ts';
import { runBench } from './run-bench.ts';

/**
 * A deliberately broken service: which patch breaks it, which check must see that, and the faults that bring it out.
 * Each exists as a patch and nowhere else: production code has no switch for it.
 */
interface Mutant {
  name: string;
  seenBy: readonly string[];
  only: readonly string[];
  minutes: number;
  /** In which words, where another finding of the same check would say nothing. */
  says?: string;
  /** Where it takes some luck to be seen. */
  tries?: number;
}

export const MUTANTS: readonly Mutant[] = [
  { name: 'ping-sets-available', seenBy: ['I7'], only: ['redis_flushed'], minutes: 0.3 },
  { name: 'step-without-guard', seenBy: ['I4'], only: ['redis_flushed'], minutes: 0.3 },
  { name: 'assign-without-guard', seenBy: ['I1', 'I4'], only: ['redis_flushed'], minutes: 0.3 },
  { name: 'no-dedupe', seenBy: ['I2', 'I10'], only: ['postgres_connections_reset'], minutes: 0.3 },
  { name: 'projection-without-fence', seenBy: ['I7'], only: ['worker_frozen'], minutes: 0.1, tries: 8 },
  { name: 'sender-without-order', seenBy: ['I6'], only: ['receiver_error', 'receiver_down'], minutes: 0.4 },
  { name: 'ok-on-error', seenBy: ['I2', 'I3'], only: ['postgres_connections_reset'], minutes: 0.3 },
  { name: 'new-id-per-retry', seenBy: ['I6'], only: ['receiver_error'], minutes: 0.3 },
  { name: 'first-retry-in-an-hour', seenBy: ['I6'], says: 'by itself', only: ['redis_flushed'], minutes: 0.2 },
  { name: 'cancel-without-effect', seenBy: ['I3'], says: 'cancel_order', only: ['redis_flushed'], minutes: 0.3 },
  { name: 'commit-without-version', seenBy: ['I8', 'I15'], only: ['postgres_slow'], minutes: 1, tries: 3 },
  { name: 'commit-ignores-what-was-taken', seenBy: ['I1', 'I4', 'I15'], only: ['postgres_slow'], minutes: 0.5 },
  { name: 'lease-trusted', seenBy: ['I1', 'I4', 'I15'], only: ['postgres_slow'], minutes: 0.3 },
  { name: 'group-apart', seenBy: ['I1', 'I15'], only: ['postgres_slow'], minutes: 0.5, tries: 4 },
  { name: 'hold-without-mark', seenBy: ['I16'], says: 'nobody will look at', only: ['redis_flushed'], minutes: 0.3 },
  { name: 'exhausted-forgotten', seenBy: ['I16'], says: 'beside_idle', only: ['redis_flushed'], minutes: 1.2 },
  { name: 'exclusions-forgotten', seenBy: ['I16'], says: 'leaves out', only: ['redis_flushed'], minutes: 0.6 },
  { name: 'planned-times-untold', seenBy: ['I17'], only: ['redis_flushed'], minutes: 1.2 },
  { name: 'swept-too-soon', seenBy: ['I18'], says: 'was set OFFLINE', only: ['redis_flushed'], minutes: 0.5 },
  { name: 'silence-unnoticed', seenBy: ['I18'], says: 'was given a delivery', only: ['redis_flushed'], minutes: 2 },
  { name: 'position-forgotten', seenBy: ['P8'], only: ['receiver_down'], minutes: 0.6 },
  { name: 'descriptor-kept', seenBy: ['I13'], says: 'files are not back', only: ['redis_flushed'], minutes: 0.3 },
  { name: 'retire-without-guard', seenBy: ['I21'], only: ['redis_flushed'], minutes: 0.4 },
  { name: 'accept-after-its-time', seenBy: ['I24'], says: 'too late', only: ['postgres_slow'], minutes: 0.8, tries: 4 },
  { name: 'accept-whatever-became', seenBy: ['I1', 'I24'], only: ['redis_flushed'], minutes: 0.5, tries: 2 },
  { name: 'released-too-soon', seenBy: ['I23'], says: 'RELEASED', only: ['redis_flushed'], minutes: 0.3 },
  { name: 'quota-of-everybody', seenBy: ['P10'], says: 'limited', only: ['caller_validation_bombs'], minutes: 0.4 },
  {
    name: 'lease-for-a-minute',
    seenBy: ['I22'],
    says: 'an event waited',
    only: ['relay_deaf_to_postgres'],
    minutes: 0.5,
  },
  { name: 'proof-for-ten-minutes', seenBy: ['P9'], only: ['receiver_down'], minutes: 0.7, tries: 2 },
  { name: 'read-from-a-cache', seenBy: ['I5'], only: ['redis_flushed'], minutes: 0.5 },
  { name: 'refusal-kept-under-its-key', seenBy: ['I9'], only: ['redis_flushed'], minutes: 0.5 },
  { name: 'read-across-shops', seenBy: ['I12'], only: ['redis_flushed'], minutes: 0.5 },
  { name: 'headers-in-the-log', seenBy: ['I14'], only: ['redis_flushed'], minutes: 0.3 },
  { name: 'shift-without-end', seenBy: ['I20'], only: ['redis_flushed'], minutes: 1, tries: 2 },
  { name: 'postgres-waited-for', seenBy: ['P1'], says: 'no answer', only: ['postgres_postmaster_hung'], minutes: 0.5 },
  { name: 'redis-needed', seenBy: ['P2'], only: ['redis_unreachable'], minutes: 0.5 },
  { name: 'redis-waited-for', seenBy: ['P3'], only: ['redis_hung'], minutes: 0.5 },
  { name: 'breaker-open-for-half-a-minute', seenBy: ['P4'], only: ['redis_hung'], minutes: 0.5 },
  { name: 'one-event-at-a-time', seenBy: ['P5'], only: ['receiver_silent'], minutes: 0.6 },
  { name: 'proof-not-asked-for', seenBy: ['I25'], only: ['redis_flushed'], minutes: 0.6 },
  { name: 'any-clock-will-do', seenBy: ['P6'], only: ['worker_clock_hour_ahead'], minutes: 0.5 },
  { name: 'rest-after-a-crowd', seenBy: ['P7'], only: ['crowd_orders_for_as_many_drivers'], minutes: 0.5 },
];

/** @returns 0 if each mutant named (`all`: every one) was caught by a check that must see it */
export async function runMutants(which: string, { seed }: Options): Promise<number> {
  const chosen = MUTANTS.filter((mutant) => which === 'all' || mutant.name === which);
  if (chosen.length === 0)
    throw new TypeError(`No mutant ${which}; there are ${MUTANTS.map((each) => each.name).join(', ')}`);
  let survivors = 0;
  for (const mutant of chosen) {
    const root = buildMutant(mutant.name);
    try {
      if (!(await isCaught(mutant, root, seed))) survivors += 1;
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  }
  return survivors === 0 ? 0 : 1;
}

async function isCaught(
  { name, seenBy, says = '', only, minutes, tries = 1 }: Mutant,
  root: string,
  seed: number,
): Promise<boolean> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const violations = checkAll(await runBench({ seed: seed + attempt, only, minutes }, root, () => {}));
    const seen = [...new Set(violations.map((violation) => violation.invariant))];
    const first = violations.find(({ invariant, what }) => seenBy.includes(invariant) && what.includes(says));
    console.log(
      `${name.padEnd(30)} ${first ? 'caught' : 'not seen'} by ${seen.join(', ') || 'nothing'}${first ? `: ${first.what}` : ''}`,
    );
    if (first) return true;
  }
  console.log(`${name.padEnd(30)} SURVIVED`);
  return false;
}

/** A copy of the tree with the patch applied, built. */
function buildMutant(name: string): string {
  const from = projectRoot();
  const root = fs.mkdtempSync(path.join(os.tmpdir(), `dispatch-mutant-${name}-`));
  for (const entry of ['functions', 'shared', 'infra', 'package.json', 'tsconfig.json', 'esbuild.config.mjs']) {
    fs.cpSync(path.join(from, entry), path.join(root, entry), {
      recursive: true,
      filter: (file) => !file.includes('node_modules'),
    });
  }
  fs.symlinkSync(path.join(from, 'node_modules'), path.join(root, 'node_modules'));
  const patch = path.join(from, 'infra', 'proof', 'faults', 'mutants', `${name}.patch`);
  // Told of no repository, it patches the plain folder.
  execFileSync('git', ['apply', patch], { cwd: root, env: { ...process.env, GIT_DIR: '/dev/null' } });
  execFileSync(process.execPath, ['esbuild.config.mjs', '--quiet'], { cwd: root, stdio: 'inherit' });
  return root;
}
