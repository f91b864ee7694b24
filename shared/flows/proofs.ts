import type { ObjectStore } from '../objects/object-store.ts';

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

/** Keeps the photograph of a handed over parcel, instead of the one before it. False: these bytes are no picture. */
export async function keepPhoto(objects: ObjectStore, which: Which, bytes: Uint8Array): Promise<boolean> {
  if (typeOf(bytes) === null) return false;
  await objects.put(keyOf(which), bytes);
  return true;
}

export async function readPhoto(objects: ObjectStore, which: Which): Promise<Photo | null> {
  const bytes = await objects.get(keyOf(which));
  const type = bytes && typeOf(bytes);
  return bytes && type ? { bytes, type } : null;
}

function typeOf(bytes: Uint8Array): string | null {
  const kind = KINDS.find(({ begins, at }) => begins.every((byte, place) => bytes[at + place] === byte));
  return kind?.type ?? null;
}
