import type { Page } from '../contract/nouns.ts';
import type { DecisionView } from '../contract/routes.ts';
import type { DecisionRow } from '../db/schema.ts';
import { selectDecisions, selectDeliveriesNamed } from '../db/statements/read-decisions.ts';
import { type DecisionFacts, sentenceOf } from '../dispatch/sentence.ts';
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

/** What a record may have; an older one has less. */
type Data = Partial<
  Pick<DecisionView, 'parts' | 'alternatives' | 'ruledOut'> &
    Omit<DecisionView['plan'], 'id'> &
    Pick<DecisionFacts, 'help' | 'until'>
>;

function decisionView(row: DecisionRow, names: Readonly<Record<string, string>>): DecisionView {
  const data = row.data as Data;
  const { parts = null, alternatives = [], ruledOut = {}, help = [], until = null } = data;
  const { deliveries = null, drivers = null, rounds = null, ms = null, travel = null } = data;
  const at = new Date(row.created_at).toISOString();
  const { outcome, reason } = row as Pick<DecisionView, 'outcome' | 'reason'>;
  const facts = { outcome, reason, driverId: row.driver_id, at, until, alternatives, ruledOut, help };
  return {
    at,
    outcome,
    driverId: row.driver_id,
    reason,
    sentence: sentenceOf(facts, (driverId) => names[driverId] ?? null),
    costS: row.cost_s,
    parts,
    alternatives,
    ruledOut,
    plan: { id: row.plan_id, deliveries, drivers, rounds, ms, travel },
  };
}
