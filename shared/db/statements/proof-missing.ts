import type { FailureProofPart, ProofPart } from '../../domain/proof.ts';

/** What a driver has not brought with a step. */
export type MissingProof = ProofPart | FailureProofPart;

/** Where this service itself keeps photographs, it has to be there, and of this attempt, by whoever has it now: an address alone is none. */
const photo = (d: string) => `(f.proof ->> 'photoUrl' NOT LIKE '%/v1/deliveries/%/proof'
      OR f.proof ->> 'photoUrl' LIKE '%/v1/deliveries/' || (${d}).id || '/proof'
        AND EXISTS (SELECT 1 FROM dispatch.proof_photo p WHERE p.delivery_id = (${d}).id AND p.kept_at > coalesce((
          SELECT max(e.recorded_at) FROM dispatch.delivery_event e WHERE e.delivery_id = (${d}).id AND e.type IN ('REATTEMPTED','UNASSIGNED')), '-infinity')))`;

/**
 * What is asked with the step `f` of the locked delivery `d` and was not brought, as a SQL array: of a hand-over what the
 * delivery asks for, or else its shop; of a failure what the shop does. Only what is said with this step counts: what an
 * attempt before it left proves nothing. A code (`pin`) is not only there or not, and judged elsewhere.
 * @param d SQL of the delivery's row
 * @param s SQL of its shop's row
 */
export function missingProof(d: string, s: string): string {
  return `ARRAY(SELECT part FROM unnest(CASE WHEN f.by_shop THEN '{}'
      WHEN f.to_status = 'DELIVERED' THEN coalesce((${d}).proof_required, ${s}.proof_required)
      WHEN f.to_status = 'FAILED' THEN ${s}.failure_proof_required ELSE '{}' END) AS part
    WHERE NOT coalesce(CASE WHEN part = 'photo' THEN ${photo(d)}
      WHEN part = 'signature' THEN coalesce(f.proof ->> 'signature', f.proof ->> 'signatureUrl') IS NOT NULL
      WHEN part = 'name' THEN f.proof ->> 'receivedBy' IS NOT NULL
      WHEN part = 'note' THEN f.note IS NOT NULL
      WHEN part LIKE 'age%' THEN (f.proof ->> 'ageChecked')::int >= substr(part, 4)::int
      ELSE true END, false))`;
}
