import { expect, test } from 'vitest';
import type { Db } from '../../db/open-db.ts';
import type { ClaimedEvent } from '../../db/statements/outbox.ts';
import { DependencyAway } from '../../domain/away.ts';
import { openSettle, settlePatiently } from './settle-patiently.ts';

const event = { id: 'event', shop_id: 'shop', delivery_id: 'delivery', seq: 1 } as ClaimedEvent;

/** A database that fails with each of `failures`, then works. */
function failing(...failures: Error[]): Db & { asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    run: async () => {
      asked += 1;
      const failure = failures.shift();
      if (failure) throw failure;
      return [];
    },
    close: async () => {},
  };
}

test('an event that was taken is settled although Postgres was away for a moment', async () => {
  const db = failing(new DependencyAway('postgres', new Error('no answer in time')));
  await settlePatiently(openSettle(db, 'relay'), event, { outcome: 'sent' });
  expect(db.asked()).toBe(2);
});

test('what is wrong stays wrong: no second try', async () => {
  const db = failing(new Error('a bug'));
  await expect(settlePatiently(openSettle(db, 'relay'), event, { outcome: 'sent' })).rejects.toThrow('a bug');
  expect(db.asked()).toBe(1);
});

test('those that end while a statement runs are written by the next one together, each with its own outcome', async () => {
  const written: string[][] = [];
  let answer = (): void => {};
  const db: Db = {
    run: (_text, [rows] = []) => {
      const settled = JSON.parse(String(rows)) as { id: string; outcome: string }[];
      written.push(settled.map(({ id, outcome }) => `${id} ${outcome}`));
      return new Promise((resolve) => {
        answer = () => resolve([]);
      });
    },
    close: async () => {},
  };
  const settle = openSettle(db, 'relay');
  const first = settle({ ...event, id: 'a' }, { outcome: 'sent' });
  await expect.poll(() => written).toEqual([['a sent']]);
  const others = [
    settle({ ...event, id: 'b' }, { outcome: 'retry', inMs: 5, error: 'HTTP 500' }),
    settle({ ...event, id: 'c' }, { outcome: 'sent' }),
  ];
  answer();
  await first;
  await expect.poll(() => written).toEqual([['a sent'], ['b retry', 'c sent']]);
  answer();
  await Promise.all(others);
});
