import { releaseDue } from '../../db/statements/hold-delivery.ts';
import { readDueShops, readShopsOnTheWay } from '../../db/statements/read-snapshot.ts';
import type { FlowDeps } from '../deps.ts';

type Deps = Pick<FlowDeps, 'db' | 'dispatch'>;

/** Plans every shop in which something was to be looked at by now, and waits for it. What a person held until now is. */
export async function planDueShops({ db, dispatch }: Deps): Promise<void> {
  await releaseDue(db);
  const due = await readDueShops(db);
  await Promise.all(due.map((shopId) => dispatch.plan(shopId)));
}

/** Plans every shop whose drivers have stops to make, so that planned times follow where they are. */
export async function planShopsOnTheWay({ db, dispatch }: Deps): Promise<void> {
  const shops = await readShopsOnTheWay(db);
  await Promise.all(shops.map((shopId) => dispatch.plan(shopId, true)));
}
