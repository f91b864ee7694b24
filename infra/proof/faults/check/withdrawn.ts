import type { Evidence, Violation } from '../history.ts';

/** Until a process that could not ask Postgres has asked it again. */
const ASKED_AGAIN_MS = 5_000;

/**
 * P9: a token that was withdrawn is refused 10 s later, by every process that can ask Postgres; a message that somebody
 * else has signed is never taken.
 */
export function checkWithdrawn({ operations, faults }: Evidence): Violation[] {
  const forged = operations.find((each) => each.kind === 'forged' && each.outcome === 'ok');
  const taken: Violation[] = forged
    ? [{ invariant: 'P9', what: 'a message that somebody else had signed was taken', example: forged }]
    : [];
  const away = faults.filter((fault) => fault.group === 'postgres' || fault.group === 'worker');
  const late = operations
    .filter((each) => each.kind === 'withdrawn' && each.outcome === 'ok')
    .filter((each) => !away.some((fault) => fault.startMs < each.endMs && fault.endMs + ASKED_AGAIN_MS > each.startMs))
    .map((each) => ({
      invariant: 'P9',
      what: 'a token was taken for good 10 s after it was withdrawn',
      example: each,
      // A Postgres that does not answer in half a second counts as away, and a busy machine makes it one.
      timed: true as const,
    }));
  return [...taken, ...late];
}
