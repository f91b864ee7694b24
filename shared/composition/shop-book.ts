import { type Db, LOOK_UPS } from '../db/open-db.ts';
import type { ShopRow } from '../db/schema.ts';
import { readShopsBySlug, selectShop } from '../db/statements/shops.ts';
import type { ShopBook } from '../flows/deps.ts';
import { batchLookUps } from '../runtime/batch.ts';
import { ttlCache } from '../runtime/ttl-cache.ts';

/** How long another process may go on with settings that were changed in this one. */
const SHOP_TTL_MS = 10_000;
/** A shop that was made elsewhere may be asked for in vain so long; and what there is is remembered no longer than that. */
const SLUG_TTL_MS = 2_000;
/** What may be one, as the contract has it: for anything else nobody need be asked. */
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Slugs come from anybody: however many are invented, one question at a time is asked about them. */
export function openShopBook(db: Db): ShopBook {
  const lookUps = db.lane?.(LOOK_UPS) ?? db;
  const ids = ttlCache(SHOP_TTL_MS, (id: string) => selectShop(lookUps, id));
  const slugs = ttlCache(
    SLUG_TTL_MS,
    batchLookUps((asked) => readShopsBySlug(lookUps, asked)),
  );
  return {
    byId: ids.get,
    bySlug: async (slug) => (SLUG.test(slug) ? slugs.get(slug) : null),
    forget(shop: Pick<ShopRow, 'id' | 'slug'>) {
      ids.forget(shop.id);
      slugs.forget(shop.slug);
    },
  };
}
