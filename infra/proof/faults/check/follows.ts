import type { Follow } from '../follower.ts';
import type { Evidence, FaultWindow, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

/** Whoever could not ask for a while comes back to more changes than are told one by one. */
const CAUGHT_UP_MS = 20_000;
/** Of the rows that a follower was sent. A row may come again where a change comes while it is read. */
const REPEATS = 0.02;
const FEW = 5;

/**
 * I17: who follows a shop, by asking or by stream, knows in the end what is true, through crashes of Postgres too; what
 * a row shows changes with its version only; each change comes about once, and the whole board only where a cursor is of
 * no use.
 */
export function checkFollows({ follows, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  return follows.flatMap((follow) => {
    const { how, shop, rows, repeats, untold, wrong } = follow;
    const found: Violation[] = [];
    count(rows);
    const say = (what: string, example: unknown) =>
      found.push({ invariant: 'I17', what: `a follower by ${how} ${what}`, example: { how, shop, example } });
    if (rows === 0) say('was told nothing', null);
    const [first] = wrong;
    if (first) say('shows in the end what is not true', { count: wrong.length, first });
    if (untold[0]) say('was shown another row under the same version', untold[0]);
    if (repeats > FEW + rows * REPEATS) say('was told the same again and again', { rows, repeats });
    const [atMs] = needlessBoards(follow, faults);
    if (atMs) say('was given the whole board though its cursor was good', atMs);
    return found;
  });
}

function needlessBoards({ needless }: Follow, faults: readonly FaultWindow[]): readonly number[] {
  const excusing = faults.filter(({ group }) => group !== 'receiver' && group !== 'redis');
  return needless.filter(
    (atMs) => !excusing.some(({ startMs, endMs }) => startMs <= atMs && atMs <= endMs + CAUGHT_UP_MS),
  );
}
