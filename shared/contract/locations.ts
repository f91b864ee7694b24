import * as v from 'valibot';
import { driverId, lat, lon, queryInteger, queryNumber, sparingList, time } from './nouns.ts';

const fixFields = {
  lat,
  lon,
  /** The phone's time of the fix; now, if absent. The newest wins. */
  recordedAt: v.optional(time),
  /** Radius of the 68 % circle, metres. Worse than 1 km, null or negative: it counts as contact only; as does (0, 0). */
  accuracyM: v.optional(v.nullable(v.number())),
};
export const fix = v.object(fixFields);
export type FixFields = v.InferOutput<typeof fix>;
export const FIXES_MAX = 1_000;
export const fixes = v.object({
  /** One that is wrong is `invalid`, and refuses none beside it. */
  fixes: sparingList(v.object({ driverId, ...fixFields }), {
    min: 1,
    max: FIXES_MAX,
    tooFew: 'must have at least one fix',
    tooMany: `must have at most ${FIXES_MAX} fixes`,
  }),
  /** Also answer one result per fix. */
  details: v.optional(v.boolean(), false),
});

export const nearestQuery = v.object({
  lat: queryNumber(lat),
  lon: queryNumber(lon),
  radiusM: v.optional(queryInteger(1, 200_000), '10000'),
  limit: v.optional(queryInteger(1, 100), '10'),
});
