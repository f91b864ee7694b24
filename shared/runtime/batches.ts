/**
 * Micro-batches by key: an item that finds its key idle goes alone and at once; those that come while it is under way go
 * together in the next batch. Keys that wait take turns, so that one key's crowd is waited for by that key.
 */
export interface Batches<Item, Answer> {
  /** @throws what `late` makes where the item's batch did not begin in time; what `run` throws */
  add(key: string, item: Item): Promise<Answer>;
}

export interface BatchOptions<Item, Answer> {
  /** Items in one batch. */
  most: number;
  /** Batches under way, of all keys. Of one key there is one at a time. */
  atOnce: number;
  /** For an item's batch to begin, at the longest. */
  waitMs: number;
  late: () => Error;
  /** Items with the same mark never go in one batch; null: with anything. */
  apart?: (item: Item) => string | null;
  /** Answers in the order of the items. */
  run: (key: string, items: readonly Item[]) => Promise<readonly Answer[]>;
}

interface Waiting<Item, Answer> {
  item: Item;
  timer: NodeJS.Timeout;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export function openBatches<Item, Answer>(options: BatchOptions<Item, Answer>): Batches<Item, Answer> {
  const { most, atOnce, waitMs, late, apart, run } = options;
  /** By key, the one whose turn is next first. None of the lists is empty. */
  const waiting = new Map<string, Waiting<Item, Answer>[]>();
  const underWay = new Set<string>();
  let isScheduled = false;

  const take = (key: string): Waiting<Item, Answer>[] => {
    const marks = new Set<string>();
    const taken: Waiting<Item, Answer>[] = [];
    const left: Waiting<Item, Answer>[] = [];
    for (const each of waiting.get(key) ?? []) {
      const mark = apart?.(each.item) ?? null;
      if (taken.length === most || (mark !== null && marks.has(mark))) left.push(each);
      else {
        taken.push(each);
        if (mark !== null) marks.add(mark);
      }
    }
    waiting.delete(key);
    // The key goes to the end of the row.
    if (left.length > 0) waiting.set(key, left);
    return taken;
  };

  const start = (key: string): void => {
    const taken = take(key);
    for (const { timer } of taken) clearTimeout(timer);
    underWay.add(key);
    run(
      key,
      taken.map(({ item }) => item),
    )
      .then(
        (answers) => {
          for (const [place, { resolve }] of taken.entries()) resolve(answers[place]!);
        },
        (error: unknown) => {
          for (const { reject } of taken) reject(error);
        },
      )
      .finally(() => {
        underWay.delete(key);
        startAll();
      });
  };

  const startAll = (): void => {
    isScheduled = false;
    for (const key of [...waiting.keys()]) {
      if (underWay.size >= atOnce) return;
      if (!underWay.has(key)) start(key);
    }
  };

  const leave = (key: string, one: Waiting<Item, Answer>): void => {
    const left = (waiting.get(key) ?? []).filter((each) => each !== one);
    if (left.length > 0) waiting.set(key, left);
    else waiting.delete(key);
  };

  return {
    add: (key, item) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          leave(key, one);
          reject(late());
        }, waitMs);
        const one: Waiting<Item, Answer> = { item, timer, resolve, reject };
        const ofKey = waiting.get(key);
        if (ofKey) ofKey.push(one);
        else waiting.set(key, [one]);
        // At the end of the turn, with those that come in the same one.
        if (isScheduled) return;
        isScheduled = true;
        setImmediate(startAll);
      }),
  };
}
