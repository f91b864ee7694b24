import { expect, test } from 'vitest';
import type { Db } from '../../db/open-db.ts';
import type { ClaimedEvent } from '../../db/statements/outbox.ts';
import { DependencyAway } from '../../domain/away.ts';
import { settlePatiently } from './settle-patiently.ts';

const event = { id: 'event', shop_id: 'shop' } as ClaimedEvent;

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
  await settlePatiently(db, event, { outcome: 'sent' });
  expect(db.asked()).toBe(2);
});

test('what is wrong stays wrong: no second try', async () => {
  const db = failing(new Error('a bug'));
  await expect(settlePatiently(db, event, { outcome: 'sent' })).rejects.toThrow('a bug');
  expect(db.asked()).toBe(1);
});
