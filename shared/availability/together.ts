/** Calls with more items than this go by themselves. */
const SMALL = 50;

interface Call<Item, Reply> {
  items: readonly Item[];
  resolve(replies: readonly Reply[]): void;
  reject(error: unknown): void;
}

/**
 * Small calls for one shop that come in the same turn of the event loop become one: a call costs many times what one
 * more item in it costs, and under load each turn brings dozens. A lone call leaves at the end of its turn, as before.
 * @param assert throws for items that would spoil the call for the others; they are refused alone. `ask` refuses them too
 * @param ask answers one reply per item, in order
 */
export function together<Item, Reply>(
  assert: (items: readonly Item[]) => void,
  ask: (shopId: string, items: readonly Item[]) => Promise<readonly Reply[]>,
): (shopId: string, items: readonly Item[]) => Promise<readonly Reply[]> {
  const waiting = new Map<string, Call<Item, Reply>[]>();
  const leave = (): void => {
    for (const [shopId, calls] of waiting) void askTogether((items) => ask(shopId, items), calls);
    waiting.clear();
  };
  return async (shopId, items) => {
    if (items.length > SMALL) return ask(shopId, items);
    assert(items);
    return new Promise((resolve, reject) => {
      if (waiting.size === 0) setImmediate(leave);
      const calls = waiting.get(shopId);
      if (calls === undefined) waiting.set(shopId, [{ items, resolve, reject }]);
      else calls.push({ items, resolve, reject });
    });
  };
}

async function askTogether<Item, Reply>(
  ask: (items: readonly Item[]) => Promise<readonly Reply[]>,
  calls: readonly Call<Item, Reply>[],
): Promise<void> {
  try {
    const replies = await ask(calls.flatMap((call) => call.items));
    let from = 0;
    for (const { items, resolve } of calls) {
      resolve(replies.slice(from, from + items.length));
      from += items.length;
    }
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}
