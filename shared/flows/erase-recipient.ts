import { erasePeople, findOne, readNumbersNamed } from '../db/statements/erasure.ts';
import { forgetPhoto, type PhotoDeps } from './proof-of-delivery.ts';

/** `isTheirs`: whether a number that was said with an address in this country, or in an unknown one, is the recipient's. */
export type WhichRecipient =
  | { deliveryId: string }
  | { sellerOrderId: string }
  | { isTheirs: (phone: string, countryCode: string | null) => boolean };

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
  const ids = await idsOf(deps, shopId, which);
  if (ids === null) return null;
  const erased: string[] = [];
  for (let from = 0; from < ids.length; from += STEP) {
    const over = await erasePeople(deps.db, shopId, ids.slice(from, from + STEP));
    for (const deliveryId of over) await forgetPhoto(deps, { shopId, deliveryId });
    erased.push(...over);
  }
  return { erased, underWay: ids.filter((id) => !erased.includes(id)) };
}

async function idsOf({ db }: PhotoDeps, shopId: string, which: WhichRecipient): Promise<readonly string[] | null> {
  if ('isTheirs' in which) return idsByNumber(db, shopId, which.isTheirs);
  const deliveryId = 'deliveryId' in which ? which.deliveryId : null;
  const orderRef = 'sellerOrderId' in which ? which.sellerOrderId : null;
  const id = await findOne(db, shopId, { deliveryId, orderRef });
  return id === null ? null : [id];
}

async function idsByNumber(
  db: PhotoDeps['db'],
  shopId: string,
  isTheirs: (phone: string, countryCode: string | null) => boolean,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (let next: string | null = null; ; ) {
    const step = await readNumbersNamed(db, shopId, next);
    for (const { id, phone, country } of step.named) if (isTheirs(phone, country)) ids.add(id);
    next = step.next;
    if (next === null) return [...ids];
  }
}
