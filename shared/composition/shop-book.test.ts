import { expect, test } from 'vitest';
import type { Db } from '../db/open-db.ts';
import { openShopBook } from './shop-book.ts';

function counting(slugs: readonly string[]) {
  let asked = 0;
  const run = async (_: string, [list]: readonly unknown[]) => {
    asked += 1;
    const wanted = JSON.parse(String(list)) as string[];
    return slugs.filter((slug) => wanted.includes(slug)).map((slug) => ({ row: { id: slug, slug } }));
  };
  return { book: openShopBook({ run } as unknown as Db), asked: () => asked };
}

test('a thousand invented slugs at once are a few questions, and a shop that there is waits for no more than these', async () => {
  const { book, asked } = counting(['bakery']);
  const invented = Array.from({ length: 1_000 }, (_, n) => book.bySlug(`invented-${n}`));
  expect(await book.bySlug('bakery')).toMatchObject({ slug: 'bakery' });
  expect(new Set(await Promise.all(invented))).toEqual(new Set([null]));
  expect(asked()).toBeLessThanOrEqual(4);
});

test('what can be no slug is asked of nobody', async () => {
  const { book, asked } = counting([]);
  for (const slug of ['', '-', 'Bakery', "x'--", '\0', 'a'.repeat(64)]) expect(await book.bySlug(slug)).toBeNull();
  expect(asked()).toBe(0);
});
