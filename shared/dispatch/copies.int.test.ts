import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '#shared/db/open-db.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { buildShop, HERE, north } from '#shared/testing/builders.ts';
import { openTestDeps, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { openDispatch } from './open-dispatch.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

test('copies of one request at the same time are one statement, and have one answer; another request under the key is refused', async () => {
  const shop = await shopOf(deps, await buildShop(deps.db));
  let statements = 0;
  const db: Db = {
    ...deps.db,
    run: (text, parameters) => {
      if (text.includes('INSERT INTO dispatch.delivery ')) statements += 1;
      return deps.db.run(text, parameters);
    },
  };
  const dispatch = openDispatch({ ...deps, db }, 'per request');
  const ask = (notes: string) => {
    const who = somebody('copies');
    const idempotency = who.idempotency && { ...who.idempotency, requestSha256: notes.padStart(64, '0') };
    return createDelivery({ ...deps, db, dispatch }, { ...who, idempotency }, shop, {
      pickup: HERE,
      dropoff: north(300),
      notes,
    });
  };
  const answers = await Promise.all([...Array.from({ length: 20 }, () => ask('a')), ask('b')]);
  const other = answers.pop();
  expect(other).toEqual({ kind: 'key_reused' });
  const [first, ...copies] = answers;
  expect(first).toMatchObject({ kind: 'done', result: { outcome: 'created', delivery: { notes: 'a' } } });
  for (const copy of copies) expect(copy).toEqual({ ...first, kind: 'replayed', drivers: [] });
  expect(statements).toBe(2);
  // Said once more later, it is answered from what is kept, with the same.
  const later = await ask('a');
  expect(later).toMatchObject({ kind: 'replayed' });
  expect(JSON.parse(JSON.stringify(later))).toMatchObject({
    result: JSON.parse(JSON.stringify((first as { result: object }).result)),
  });
  await dispatch.close();
});
