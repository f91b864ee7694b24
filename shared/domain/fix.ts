import type { Position } from './geo.ts';

/* What a phone says of where it is, and when. Not all of it is a place or a time. */

/** A fix worse than this says roughly where the driver is, which is no use to a search. Metres. */
const WORST_ACCURACY_M = 1_000;
/** No phone keeps a fix for longer: its clock counts from another year, or in seconds (Safari on a desk: since 2001). */
const OLDEST_MS = 7 * 86_400_000;

/** Exactly (0, 0): where a phone or a form says that it does not know. There is nothing but water. */
export function isNowhere({ lat, lon }: Position): boolean {
  return lat === 0 && lon === 0;
}

/**
 * The place in a fix; null where there is none: then it counts as contact only.
 * @param accuracyM radius of the 68 % circle, metres. Absent: not said. Null or negative: the phone says that it does not
 * know (CoreLocation gives -1)
 */
export function placeOfFix({
  lat,
  lon,
  accuracyM = 0,
}: Position & { accuracyM?: number | null | undefined }): Position | null {
  if (accuracyM === null || accuracyM < 0 || accuracyM > WORST_ACCURACY_M) return null;
  return isNowhere({ lat, lon }) ? null : { lat, lon };
}

/** The time of a fix, ms since 1970; null where it can be no time of one: then it is of when it was received. */
export function timeOfFix(recordedAtMs: number | null, nowMs: number): number | null {
  return recordedAtMs === null || recordedAtMs < nowMs - OLDEST_MS ? null : recordedAtMs;
}
