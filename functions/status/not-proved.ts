import type { DeliveryMove } from '#shared/contract/deliveries.ts';
import type { FailureProofPart, ProofPart } from '#shared/domain/proof.ts';
import type { MoveResult } from '#shared/flows/move-delivery.ts';
import { type HttpHeaders, Problem } from '#shared/http/problem.ts';
import { triesLeft } from '#shared/mappers/views.ts';

/* Why a hand-over or a failure does not count yet, in words that may be shown to a driver at the door. */

const WORDS: Readonly<Record<ProofPart | FailureProofPart | 'pin', string>> = {
  photo: 'a photograph',
  signature: 'a signature',
  name: 'the name of whoever received it',
  age16: 'that the recipient is 16 or older',
  age18: 'that the recipient is 18 or older',
  age21: 'that the recipient is 21 or older',
  note: 'a note',
  pin: 'the PIN code',
};

/** Names all that is missing, so that nobody is asked twice: also a code, which is tried only with the rest. */
export function proofProblem(
  { missing, delivery }: Extract<MoveResult, { missing: unknown }>,
  { status, pincode }: Pick<DeliveryMove, 'status' | 'pincode'>,
): Problem {
  const isCodeMissing = status === 'DELIVERED' && delivery.pincode !== null && pincode === undefined;
  const all = [...missing, ...(isCodeMissing ? (['pin'] as const) : [])];
  return new Problem('proof_missing', `Missing: ${all.map((part) => WORDS[part]).join(', ')}`, {
    extra: { missing: all, deliveryId: delivery.id },
  });
}

export function pincodeProblem(
  { outcome, delivery }: Extract<MoveResult, { delivery: unknown }>,
  headers: HttpHeaders,
): Problem {
  const left = triesLeft(delivery);
  const extra = { triesLeft: left, deliveryId: delivery.id };
  const fault = (detail: string) => ({ ...extra, errors: [{ pointer: '/pincode', detail }] });
  if (outcome === 'pincode_missing')
    return new Problem('wrong_pincode', 'Ask the recipient for the PIN code', { extra: fault('is needed here') });
  if (outcome === 'wrong_pincode' && left > 0) {
    const detail = `Wrong code, ${left === 1 ? 'one try' : `${left} tries`} left`;
    return new Problem('wrong_pincode', detail, { extra: fault('is wrong'), headers });
  }
  const detail = 'Wrong code, too often: the shop has to set another one or let it be handed over without';
  return new Problem('pincode_locked', detail, { extra, headers });
}
