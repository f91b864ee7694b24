import type { DecisionView } from '../contract/routes.ts';
import type { DecisionRow } from '../db/schema.ts';
import { type DecisionFacts, sentenceOf } from '../dispatch/sentence.ts';

/** What a record may have; an older one has less. */
type Data = Partial<
  Pick<DecisionView, 'parts' | 'alternatives' | 'ruledOut'> &
    Omit<DecisionView['plan'], 'id'> &
    Pick<DecisionFacts, 'help' | 'until'>
>;

/** @param names of the drivers in it, by id: one who has been erased has none */
export function decisionView(row: DecisionRow, names: Readonly<Record<string, string>>): DecisionView {
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
