import type { DeliveryRow } from '../db/schema.ts';
import { type FailureProofPart, PROOF_PARTS, type ProofPart } from '../domain/proof.ts';
import type { FlowDeps } from './deps.ts';

/**
 * What the delivery's driver has to bring with a hand-over, and with a failure. For people to know beforehand, and up to
 * 10 s old: the step is judged by what is asked when it comes (db/statements/proof-missing.ts).
 */
export async function readProofAsked(
  { shops }: Pick<FlowDeps, 'shops'>,
  { shop_id, proof_required: own }: Pick<DeliveryRow, 'shop_id' | 'proof_required'>,
): Promise<{ delivered: ProofPart[]; failed: FailureProofPart[] }> {
  const shop = await shops.byId(shop_id);
  const asked = own ?? shop?.proof_required ?? [];
  return {
    delivered: PROOF_PARTS.filter((part) => asked.includes(part)),
    failed: (shop?.failure_proof_required ?? []) as FailureProofPart[],
  };
}
