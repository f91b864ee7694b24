import { erasePeople, findOne, readEnded, readNumbersNamed } from '../db/statements/erasure.ts';
import { forgetPhoto, type PhotoDeps } from './proof-of-delivery.ts';

/**
 * `isTheirs`: whether a number that was said with an address in this country, or in an unknown one, is the recipient's.
 * `digits`: stand side by side in whatever is. `cursor`: the `next` of an answer that did not get to the end.
 */
type ByNumber = {
  digits: string;
  isTheirs: (phone: string, countryCode: string | null) => boolean;
  cursor?: string | null;
};
export type WhichRecipient = { deliveryId: string } | { sellerOrderId: string } | ByNumber;

/**
 * `underWay`: left as they are, since somebody is bringing the parcel; to be asked again when they have ended.
 * `next`: where to go on, when there was no time for all of them; null: that was all.
 */
export interface ErasedRecipient {
  erased: readonly string[];
  underWay: readonly string[];
  next: string | null;
}

/** Erased at a time: of each the photograph may have to be taken out of the store. */
const STEP = 20;

/**
 * Does early, for one recipient, what retention does: names, numbers, addresses, notes, codes, proofs and photographs go.
 * The order and what happened to it when stay. Interrupted, it may be repeated.
 * @param isLate asked between steps: no more are begun then. Deliveries are not found by number through an index, so that
 * of a large shop nobody could be erased within the time of one request
 * @returns null: the shop has no such delivery (a number that nobody has is no fault)
 * @throws DependencyAway when the object store is; what was erased before stays so, and the next call does the rest
 */
export async function eraseRecipient(
  deps: PhotoDeps,
  shopId: string,
  which: WhichRecipient,
  isLate: () => boolean = () => false,
): Promise<ErasedRecipient | null> {
  if ('isTheirs' in which) return eraseByNumber(deps, shopId, which, isLate);
  const deliveryId = 'deliveryId' in which ? which.deliveryId : null;
  const orderRef = 'sellerOrderId' in which ? which.sellerOrderId : null;
  const id = await findOne(deps.db, shopId, { deliveryId, orderRef });
  if (id === null) return null;
  return tell([id], await eraseThese(deps, shopId, [id]), null);
}

/** Erases what each step finds before the next one is looked through: whoever is not answered in time has less to do then. */
async function eraseByNumber(
  deps: PhotoDeps,
  shopId: string,
  which: ByNumber,
  isLate: () => boolean,
): Promise<ErasedRecipient> {
  const found: string[] = [];
  const erased: string[] = [];
  for (let next = which.cursor ?? null; ; ) {
    const step = await readNumbersNamed(deps.db, shopId, which.digits, next);
    const theirs = step.named.filter(({ phone, country }) => which.isTheirs(phone, country));
    const ids = [...new Set(theirs.map(({ id }) => id))];
    for (let from = 0; from < ids.length; from += STEP) {
      const some = ids.slice(from, from + STEP);
      found.push(...some);
      erased.push(...(await eraseThese(deps, shopId, some)));
      if (from + STEP < ids.length && isLate()) return tell(found, erased, some.at(-1) ?? null);
    }
    next = step.next;
    if (next === null || isLate()) return tell(found, erased, next);
  }
}

/**
 * The photographs first: a delivery that no longer says whose it is would not be found by their number again, to do what
 * an interruption left over.
 * @returns those it was done to: the others are under way
 */
async function eraseThese(deps: PhotoDeps, shopId: string, ids: readonly string[]): Promise<readonly string[]> {
  const over = await readEnded(deps.db, shopId, ids);
  for (const { id, has_photo } of over) if (has_photo) await forgetPhoto(deps, { shopId, deliveryId: id });
  if (over.length === 0) return [];
  return erasePeople(
    deps.db,
    shopId,
    over.map(({ id }) => id),
  );
}

function tell(found: readonly string[], erased: readonly string[], next: string | null): ErasedRecipient {
  const done = new Set(erased);
  return { erased, underWay: found.filter((id) => !done.has(id)), next };
}
