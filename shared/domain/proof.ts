/*
 * What a shop may ask of its drivers before a delivery counts as handed over, or as failed. Judged by the deciding
 * statement (db/statements/move-delivery.ts), on what a driver says with that step; the shop itself is asked for nothing.
 */

/** Of a hand-over. `pin`: an order that comes without a code is given one. `age18`: the recipient looked or proved 18. */
export const PROOF_PARTS = ['photo', 'signature', 'name', 'pin', 'age16', 'age18', 'age21'] as const;
export type ProofPart = (typeof PROOF_PARTS)[number];

/** Of a failure; why is always asked. */
export const FAILURE_PROOF_PARTS = ['note', 'photo'] as const;
export type FailureProofPart = (typeof FAILURE_PROOF_PARTS)[number];

/** Years of which a driver may say that they checked them. */
export const AGES = [16, 18, 21] as const;

/** The highest age that is asked for; null: none is. */
export function ageIn(parts: readonly string[]): number | null {
  const asked = AGES.filter((age) => parts.includes(`age${age}`));
  return asked.at(-1) ?? null;
}
