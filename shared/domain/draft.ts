/**
 * Shares drivers out among orders that are decided together, so that none is named for two of them: in turns, each
 * order takes the best of its candidates that nobody has, until all are taken or it has `most`. The first in line
 * chooses first, as if they had come one after another.
 *
 * @param lists one per order, best first, each driver at most once in a list
 * @returns one list per order, in its own order; empty where others took all
 */
export function draft(lists: readonly (readonly string[])[], most: number): readonly (readonly string[])[] {
  const taken = new Set<string>();
  const shares: string[][] = lists.map(() => []);
  const next = lists.map(() => 0);
  for (let turn = 0; turn < most; turn += 1) {
    for (const [order, list] of lists.entries()) {
      let at = next[order] ?? 0;
      while (at < list.length && taken.has(list[at] as string)) at += 1;
      const driverId = list[at];
      next[order] = at + 1;
      if (driverId === undefined) continue;
      taken.add(driverId);
      shares[order]?.push(driverId);
    }
  }
  return shares;
}
