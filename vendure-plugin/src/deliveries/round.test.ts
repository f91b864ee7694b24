import type { ID } from '@vendure/core';
import { expect, it } from 'vitest';
import { Round } from './round';

/** What is found page by page, two at a time. */
const pages = (ids: number[]) => async (behind: ID | null) =>
  ids
    .filter((id) => behind === null || id > Number(behind))
    .slice(0, 2)
    .map((id) => ({ id }));

/** A run that has time for so many. @returns those that it has seen */
async function run(round: Round, ids: number[], most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = [];
  for await (const { id } of round.rows(pages(ids))) {
    seen.push(id);
    if (seen.length === most) break;
  }
  return seen;
}

it('sees all in each run that has the time, over as many pages as there are', async () => {
  const round = new Round();
  for (let runs = 0; runs < 2; runs += 1) expect(await run(round, [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
});

it('goes on behind what it had last, and begins anew after the last of all', async () => {
  const round = new Round();
  const ids = [1, 2, 3, 4, 5, 6, 7];
  expect(await run(round, ids, 3)).toEqual([1, 2, 3]);
  // What has gone meanwhile, also the one it goes on behind, and what has come, changes nothing of that.
  expect(await run(round, [1, 2, 4, 6, 7, 8], 3)).toEqual([4, 6, 7]);
  expect(await run(round, ids.concat(8))).toEqual([8]);
  expect(await run(round, ids)).toEqual(ids);
});
