import { endBreaks } from '../../db/statements/end-breaks.ts';
import { releaseDue } from '../../db/statements/hold-delivery.ts';
import { readDueShops, readShopsToPlanAnew } from '../../db/statements/read-snapshot.ts';
import { projectDrivers } from '../../dispatch/project-drivers.ts';
import { type FlowDeps, relayCaller } from '../deps.ts';

type Deps = Pick<FlowDeps, 'db' | 'dispatch' | 'availability'>;

/**
 * Plans every shop in which something was to be looked at by now, and waits for it. What a person held until now is; so
 * is whatever waits where somebody's break is over.
 */
export async function planDueShops({ db, dispatch, availability }: Deps): Promise<void> {
  await releaseDue(db);
  const back = await endBreaks(db, null, relayCaller().actor);
  await projectDrivers({ availability }, relayCaller(), back);
  const due = await readDueShops(db);
  const shops = new Set([...due, ...back.map(({ shop_id }) => shop_id)]);
  await Promise.all([...shops].map((shopId) => dispatch.plan(shopId)));
}

/** Plans every shop whose drivers have stops to make, and every shop that has given up searching for somebody. */
export async function planShopsAnew({ db, dispatch }: Deps): Promise<void> {
  const shops = await readShopsToPlanAnew(db);
  await Promise.all(shops.map((shopId) => dispatch.plan(shopId, true)));
}
