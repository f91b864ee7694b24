import { openBatch } from '../runtime/batch.ts';

/** Calls with more items than this go by themselves. */
const SMALL = 50;

/**
 * Small calls for one shop that come in the same turn of the event loop become one: a call costs many times what one
 * more item in it costs, and under load each turn brings dozens. A lone call leaves at the end of its turn.
 * @param assert throws for items that would spoil the call for the others; they are refused alone. `ask` refuses them too
 * @param ask answers one reply per item, in order
 */
export function together<Item, Reply>(
  assert: (items: readonly Item[]) => void,
  ask: (shopId: string, items: readonly Item[]) => Promise<readonly Reply[]>,
): (shopId: string, items: readonly Item[]) => Promise<readonly Reply[]> {
  const batch = openBatch<readonly Item[], readonly Reply[]>({
    mode: 'overlapping',
    run: async (shopId, calls) => {
      const replies = await ask(shopId, calls.flat());
      let from = 0;
      return calls.map(({ length }) => {
        from += length;
        return replies.slice(from - length, from);
      });
    },
  });
  return async (shopId, items) => {
    if (items.length > SMALL) return ask(shopId, items);
    assert(items);
    return batch.add(shopId, items);
  };
}
