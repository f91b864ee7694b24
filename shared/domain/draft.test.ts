import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draft } from './draft.ts';

describe('draft', () => {
  it('gives each order its best first, the first in line before the others', () => {
    expect(
      draft(
        [
          ['a', 'b', 'c', 'd'],
          ['a', 'b', 'c', 'd'],
          ['d', 'a', 'x'],
        ],
        8,
      ),
    ).toEqual([['a', 'c'], ['b'], ['d', 'x']]);
  });

  it('gives an order alone what it asked for, `most` at most', () => {
    expect(draft([['a', 'b', 'c']], 2)).toEqual([['a', 'b']]);
    expect(draft([[], ['a']], 2)).toEqual([[], ['a']]);
    expect(draft([], 2)).toEqual([]);
  });

  it('names nobody twice, nobody whom the order did not name, and the first in line always his best', () => {
    const lists = fc.array(fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { maxLength: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 12 }), (orders, most) => {
        const shares = draft(orders, most);
        const all = shares.flat();
        expect(new Set(all).size).toBe(all.length);
        for (const [i, share] of shares.entries()) {
          expect(share.length).toBeLessThanOrEqual(most);
          // A part of the order's own list, in the same order.
          expect(orders[i]?.filter((id) => share.includes(id))).toEqual(share);
        }
        const first = orders.findIndex((order) => order.length > 0);
        if (first >= 0) expect(shares[first]?.[0]).toBe(orders[first]?.[0]);
        // Nobody is left over while an order that asked for him has room.
        for (const [i, share] of shares.entries()) {
          if (share.length < most) expect(orders[i]?.every((id) => all.includes(id))).toBe(true);
        }
      }),
    );
  });
});
