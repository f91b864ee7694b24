import { type Evidence, isWithoutProof, type Operation, type Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';
import { quantile } from './quantile.ts';

/** Until a process that could not ask Postgres has asked it again. */
const ASKED_AGAIN_MS = 5_000;

/**
 * P9: a token that was withdrawn is refused 10 s later, by every process that can ask Postgres; a message that somebody
 * else has signed is never taken.
 */
export function checkWithdrawn({ operations, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const without = operations.filter((each) => isWithoutProof(each.kind) && each.status !== null);
  const forged = without.find((each) => each.kind === 'forged' && each.outcome === 'ok');
  const taken: Violation[] = forged
    ? [{ invariant: 'P9', what: 'a message that somebody else had signed was taken', example: forged }]
    : [];
  const away = faults.filter((fault) => fault.group === 'postgres' || fault.group === 'worker');
  const judged = without
    .filter((each) => each.kind === 'withdrawn')
    .filter((each) => !away.some((fault) => fault.startMs < each.endMs && fault.endMs + ASKED_AGAIN_MS > each.startMs))
    .filter((each) => isPrompt(each, operations));
  count(judged.length);
  // Whoever was taken for good asks again a little later: what is refused then was withdrawn.
  const last = [...groupBy(judged, ({ target, worker }) => `${target} ${worker}`).values()].map((uses) => uses.at(-1));
  const late = last
    .filter((each) => each?.outcome === 'ok')
    .map((each) => ({
      invariant: 'P9',
      what: 'a token or key was taken for good 10 s after it was withdrawn',
      example: each,
      timed: true as const,
    }));
  return [...taken, ...late];
}

/** A Postgres that does not answer in so long counts as away. */
const AWAY_MS = 500;
/** Of what else its server was asked just before, and answered sooner. */
const MOST = 0.75;
const BEFORE_MS = 3_000;

/** A busy machine makes a Postgres one that is away: everything else takes long then as well. */
function isPrompt({ worker, startMs, endMs }: Operation, operations: readonly Operation[]): boolean {
  const beside = operations.filter(
    (each) => each.worker === worker && each.startMs < endMs && each.endMs > startMs - BEFORE_MS,
  );
  const tookMs = beside.map((each) => each.endMs - each.startMs);
  return quantile(tookMs, MOST) < AWAY_MS;
}
