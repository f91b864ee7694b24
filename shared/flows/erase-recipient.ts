import { erasePeople, findOne, readNumbersNamed } from '../db/statements/erasure.ts';
import { forgetPhoto, type PhotoDeps } from './proof-of-delivery.ts';

/**
 * `isTheirs`: whether a number that was said with an address in this country, or in an unknown one, is the recipient's.
 * `digits`: stand side by side in whatever is.
 */
type ByNumber = { digits: string; isTheirs: (phone: string, countryCode: string | null) => boolean };
export type WhichRecipient = { deliveryId: string } | { sellerOrderId: string } | ByNumber;

/** `underWay`: left as they are, since somebody is bringing the parcel; to be asked again when they have ended. */
export interface ErasedRecipient {
  erased: readonly string[];
  underWay: readonly string[];
}

const STEP = 100;

/**
 * Does early, for one recipient, what retention does: names, numbers, addresses, notes, codes, proofs and photographs go.
 * The order and what happened to it when stay. Interrupted, it may be repeated.
 * @returns null: the shop has no such delivery (a number that nobody has is no fault)
 * @throws DependencyAway when the object store is; what was erased before stays so, and the next call does the rest
 */
export async function eraseRecipient(
  deps: PhotoDeps,
  shopId: string,
  which: WhichRecipient,
): Promise<ErasedRecipient | null> {
  if ('isTheirs' in which) return eraseByNumber(deps, shopId, which);
  const deliveryId = 'deliveryId' in which ? which.deliveryId : null;
  const orderRef = 'sellerOrderId' in which ? which.sellerOrderId : null;
  const id = await findOne(deps.db, shopId, { deliveryId, orderRef });
  return id === null ? null : eraseThese(deps, shopId, [id]);
}

/** Erases what each step finds before the next one is looked through: whoever is not answered in time has less to do then. */
async function eraseByNumber(deps: PhotoDeps, shopId: string, which: ByNumber): Promise<ErasedRecipient> {
  const [erased, underWay]: [string[], string[]] = [[], []];
  for (let next: string | null = null; ; ) {
    const step = await readNumbersNamed(deps.db, shopId, which.digits, next);
    const theirs = step.named.filter(({ phone, country }) => which.isTheirs(phone, country));
    const done = await eraseThese(deps, shopId, [...new Set(theirs.map(({ id }) => id))]);
    erased.push(...done.erased);
    underWay.push(...done.underWay);
    next = step.next;
    if (next === null) return { erased, underWay };
  }
}

async function eraseThese(deps: PhotoDeps, shopId: string, ids: readonly string[]): Promise<ErasedRecipient> {
  const erased: string[] = [];
  for (let from = 0; from < ids.length; from += STEP) {
    const over = await erasePeople(deps.db, shopId, ids.slice(from, from + STEP));
    for (const deliveryId of over) await forgetPhoto(deps, { shopId, deliveryId });
    erased.push(...over);
  }
  return { erased, underWay: ids.filter((id) => !erased.includes(id)) };
}
