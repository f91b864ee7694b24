/**
 * Micro-batches by key: one statement or call for many items costs little more than for one. Items of a key that come
 * in the same turn of the event loop leave together at its end. What is done with those that come while a batch of
 * their key is under way is the mode:
 * - `one_at_a_time`: they wait for its end and go together in the next one. For statements that would wait for each
 *   other's row locks.
 * - `overlapping`: they leave at the end of their turn all the same. For a store that answers in the order it is asked.
 * Keys that wait take turns, so that one key's crowd is waited for by that key alone.
 */
export interface Batch<Item, Answer> {
  /** @throws what `deadline.late` makes where the item's batch did not begin in time; what `run` throws */
  add(key: string, item: Item): Promise<Answer>;
}

export interface BatchOptions<Item, Answer> {
  mode: 'one_at_a_time' | 'overlapping';
  /** Sizes of one batch, added up; an item that is larger goes alone. Without it there is no limit. */
  most?: number;
  /** Without it each item counts one. */
  sizeOf?: (item: Item) => number;
  /** Batches under way, of all keys; without it there is no limit. */
  atOnce?: number;
  /** How long an item may wait for its batch to begin; without it as long as it takes. */
  deadline?: { waitMs: number; late: () => Error };
  /** Items with the same mark never go in one batch; null: with anything. */
  apart?: (item: Item) => string | null;
  /** Answers in the order of the items. Its failure is told to each of them. */
  run: (key: string, items: readonly Item[]) => Promise<readonly Answer[]>;
}

interface Waiting<Item, Answer> {
  item: Item;
  timer: NodeJS.Timeout | undefined;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export function openBatch<Item, Answer>(options: BatchOptions<Item, Answer>): Batch<Item, Answer> {
  const { mode, atOnce = Number.POSITIVE_INFINITY, deadline, run } = options;
  /** By key, the one whose turn is next first. None of the lists is empty. */
  const waiting = new Map<string, Waiting<Item, Answer>[]>();
  const busy = new Set<string>();
  let underWay = 0;
  let isScheduled = false;

  const start = (key: string): void => {
    const { taken, left } = divide(waiting.get(key) ?? [], options);
    waiting.delete(key);
    // The key goes to the end of the row.
    if (left.length > 0) waiting.set(key, left);
    for (const { timer } of taken) clearTimeout(timer);
    if (mode === 'one_at_a_time') busy.add(key);
    underWay += 1;
    const items = taken.map(({ item }) => item);
    run(key, items)
      .then(
        (answers) => {
          for (const [place, { resolve }] of taken.entries()) resolve(answers[place]!);
        },
        (error: unknown) => {
          for (const { reject } of taken) reject(error);
        },
      )
      .finally(() => {
        busy.delete(key);
        underWay -= 1;
        startAll();
      });
  };

  const startAll = (): void => {
    isScheduled = false;
    for (const key of [...waiting.keys()]) {
      if (underWay >= atOnce) return;
      if (!busy.has(key)) start(key);
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
        const one: Waiting<Item, Answer> = { item, timer: undefined, resolve, reject };
        if (deadline)
          one.timer = setTimeout(() => {
            leave(key, one);
            reject(deadline.late());
          }, deadline.waitMs);
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

function divide<Item, Answer>(
  waiting: readonly Waiting<Item, Answer>[],
  { most = Number.POSITIVE_INFINITY, sizeOf = () => 1, apart }: BatchOptions<Item, Answer>,
) {
  const marks = new Set<string>();
  const taken: Waiting<Item, Answer>[] = [];
  const left: Waiting<Item, Answer>[] = [];
  let size = 0;
  for (const each of waiting) {
    const mark = apart?.(each.item) ?? null;
    const isFull = taken.length > 0 && size + sizeOf(each.item) > most;
    if (isFull || (mark !== null && marks.has(mark))) {
      left.push(each);
      continue;
    }
    taken.push(each);
    size += sizeOf(each.item);
    if (mark !== null) marks.add(mark);
  }
  return { taken, left };
}

/**
 * Looks many keys up by few questions: those that are asked for in the same turn, or while a question is under way, go
 * together in the next one, each once.
 * @param load answers what it found by key; a key without a value is `null` to its asker
 */
export function batchLookUps<Value>(
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  most = 500,
): (key: string) => Promise<Value | null> {
  const batch = openBatch<string, Value | null>({
    mode: 'one_at_a_time',
    most,
    run: async (_, keys) => {
      const found = await load([...new Set(keys)]);
      return keys.map((key) => found.get(key) ?? null);
    },
  });
  return (key) => batch.add('', key);
}
