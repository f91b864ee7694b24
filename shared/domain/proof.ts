/*
 * What drivers have to bring from the door before a delivery counts as handed over, or as failed. Judged by the deciding
 * statement (db/statements/move-delivery.ts) on what a driver says with that step. The shop itself is asked for nothing.
 */

/** Of a hand-over. `age18`: the recipient is 18 at least, as far as the driver could check. */
export const PROOF_PARTS = ['photo', 'signature', 'name', 'age16', 'age18', 'age21'] as const;
export type ProofPart = (typeof PROOF_PARTS)[number];

/** What a shop may ask for besides: an order that comes without a code is given one. */
export const SHOP_PROOF_PARTS = [...PROOF_PARTS, 'pin'] as const;
export type ShopProofPart = (typeof SHOP_PROOF_PARTS)[number];

/** Of a failure; why it failed is always asked. */
export const FAILURE_PROOF_PARTS = ['note', 'photo'] as const;
export type FailureProofPart = (typeof FAILURE_PROOF_PARTS)[number];

/** Years of age that a driver may say they checked: no birth date is asked for, and none is kept. */
export const AGES = [16, 18, 21] as const;
