import * as v from 'valibot';
import { integer, text } from './nouns.ts';

/* What a customer may say through their tracking link. */

/** Where the driver finds the door: code, floor, bell. */
export const doorNotes = text(500);
/** Where the parcel may be left when nobody opens. */
export const safePlace = text(200);

/** The whole of it: what is absent or null is taken away. */
export const instructions = v.object({
  doorNotes: v.optional(v.nullable(doorNotes), null),
  safePlace: v.optional(v.nullable(safePlace), null),
});
export type Instructions = v.InferOutput<typeof instructions>;

/** Of what has been handed over. */
export const rating = v.object({ stars: integer(1, 5), note: v.optional(v.nullable(text(1_000)), null) });
export type Rating = v.InferOutput<typeof rating>;
