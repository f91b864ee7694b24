import type { Page } from '../contract/nouns.ts';
import type { DecisionView } from '../contract/routes.ts';
import { selectDecisions, selectDeliveriesNamed } from '../db/statements/read-decisions.ts';
import { decisionView } from '../mappers/decision-view.ts';
import type { FlowDeps } from './deps.ts';
import { toPage } from './drivers.ts';

/**
 * The decisions about a delivery and their reasons (given to a driver, held, given to nobody); newest first. `null`:
 * the shop has no such delivery.
 */
export async function readDecisions(
  { db }: Pick<FlowDeps, 'db'>,
  shopId: string,
  deliveryId: string,
  { beforeId, limit }: { beforeId: string | null; limit: number },
): Promise<Page<DecisionView> | null> {
  const found = await selectDecisions(db, shopId, deliveryId, { beforeId, limit: limit + 1 });
  if (found === null) return null;
  const { items, next } = toPage(found.rows, limit);
  return { items: items.map((row) => decisionView(row, found.names)), next };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The deliveries that a person may mean: by its id, or by its order, which several shops may have.
 * @param shopId of this shop only; null: of any
 */
export function findDeliveries({ db }: Pick<FlowDeps, 'db'>, idOrOrder: string, shopId: string | null) {
  const isId = UUID.test(idOrOrder);
  return selectDeliveriesNamed(db, { deliveryId: isId ? idOrOrder : null, orderRef: isId ? null : idOrOrder, shopId });
}
