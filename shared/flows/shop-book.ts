import type { Db } from '../db/open-db.ts';
import type { ShopRow } from '../db/schema.ts';
import { readShop } from '../db/statements/shops.ts';
import { remember } from '../runtime/remember.ts';
import type { ShopBook } from './deps.ts';

/** How long another process may go on with settings that were changed in this one. */
const SHOP_TTL_MS = 10_000;

export function openShopBook(db: Db): ShopBook {
  const ids = remember(SHOP_TTL_MS, (id: string) => readShop(db, { id }));
  const slugs = remember(SHOP_TTL_MS, (slug: string) => readShop(db, { slug }));
  return {
    byId: ids.get,
    bySlug: slugs.get,
    forget(shop: Pick<ShopRow, 'id' | 'slug'>) {
      ids.forget(shop.id);
      slugs.forget(shop.slug);
    },
  };
}
