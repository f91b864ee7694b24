import { dropPhotos, notePhoto, readOldPhotos, readPhotoNote } from '../db/statements/photos.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { stripMetadata } from '../objects/strip-metadata.ts';
import type { FlowDeps } from './deps.ts';

/** Kinds of pictures taken in, by the bytes they begin with: what a sender calls them does not count. */
const KINDS = [
  { type: 'image/jpeg', begins: [0xff, 0xd8, 0xff], at: 0 },
  { type: 'image/png', begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], at: 0 },
  { type: 'image/webp', begins: [0x57, 0x45, 0x42, 0x50], at: 8 },
] as const;

export interface Photo {
  bytes: Uint8Array;
  type: string;
}

type Which = { shopId: string; deliveryId: string };
const keyOf = ({ shopId, deliveryId }: Which) => `${shopId}/${deliveryId}`;
export type PhotoDeps = Pick<FlowDeps, 'db'> & { objects: ObjectStore };

/**
 * Keeps the photograph of a handed over parcel, instead of the one before it, without what its camera wrote into it.
 * @param takenBy the driver; null: somebody of the shop
 * @returns false: these bytes are no picture
 */
export async function keepPhoto(
  { db, objects }: PhotoDeps,
  which: Which,
  bytes: Uint8Array,
  takenBy: string | null,
): Promise<boolean> {
  const type = typeOf(bytes);
  if (type === null) return false;
  // First the note: a photograph that nobody knows of would stay for ever, a note without one does no harm.
  await notePhoto(db, { shop_id: which.shopId, delivery_id: which.deliveryId, driver_id: takenBy });
  await objects.put(keyOf(which), stripMetadata(bytes, type));
  return true;
}

/** One after the other, so as to be gentle to the store; far less than a duty's turn. */
const STEP = 50;

/**
 * Takes away photographs that were kept for longer than `days`, a step of them. The object goes first, then what leads
 * to it: interrupted in between, the next step finds the note again and removes what is not there any more.
 * @returns how many
 * @throws DependencyAway when the object store is; those removed before it are then found again
 */
export async function forgetPhotos({ db, objects }: PhotoDeps, days: number): Promise<number> {
  const old = await readOldPhotos(db, days, STEP);
  for (const each of old) await objects.remove(keyOf({ shopId: each.shop_id, deliveryId: each.delivery_id }));
  if (old.length > 0) {
    await dropPhotos(
      db,
      old.map((each) => each.delivery_id),
    );
  }
  return old.length;
}

/**
 * Takes one away before its time, and what leads to it. One that is gone already is as good.
 * @throws DependencyAway when the object store is; nothing has changed then, or the next call does the rest
 */
export async function forgetPhoto({ db, objects }: PhotoDeps, which: Which): Promise<void> {
  if ((await readPhotoNote(db, which.deliveryId)) === null) return;
  await objects.remove(keyOf(which));
  await dropPhotos(db, [which.deliveryId]);
}

/** Whose the photograph is: a driver's or the shop's (null); undefined: there is none. */
export async function photoTakenBy(
  { db }: Pick<FlowDeps, 'db'>,
  deliveryId: string,
): Promise<string | null | undefined> {
  return (await readPhotoNote(db, deliveryId))?.driver_id;
}

export async function readPhoto(objects: ObjectStore, which: Which): Promise<Photo | null> {
  const bytes = await objects.get(keyOf(which));
  const type = bytes && typeOf(bytes);
  return bytes && type ? { bytes, type } : null;
}

function typeOf(bytes: Uint8Array): (typeof KINDS)[number]['type'] | null {
  const kind = KINDS.find(({ begins, at }) => begins.every((byte, place) => bytes[at + place] === byte));
  return kind?.type ?? null;
}
