/** A seeded source of choices: the same seed makes the same ones, in each fork by itself. */
export interface Random {
  next01(): number;
  /** 0..n-1 */
  below(n: number): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** @throws RangeError for an empty list */
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
  /** A source of its own, so that one actor's choices do not depend on the others' timing. */
  fork(): Random;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, more than enough to choose what to do next. */
export function openRandom(seed: number): Random {
  let state = seed >>> 0;
  const next01 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next01() * n);
  return {
    next01,
    below,
    between: (low, high) => low + next01() * (high - low),
    chance: (probability) => next01() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    shuffled: (items) => {
      const left = [...items];
      return items.map(() => left.splice(below(left.length), 1)[0] as (typeof items)[number]);
    },
    fork: () => openRandom(below(2 ** 32)),
  };
}
