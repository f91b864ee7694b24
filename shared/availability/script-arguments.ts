import { geoScore, isValidPosition, type Position } from '#shared/domain/geo.ts';
import type { Beat, Fix, Projection } from './availability.ts';
import { ageMs, wholeMs } from './heard.ts';
import { CODES } from './scripts.ts';

/* What the scripts are told, as their headers say it. */

/** Six per driver. @throws RangeError */
export function projectionArgs(projection: Projection): (string | number)[] {
  const { driverId, version, status, position, idleSinceMs, seenAgeMs, asOfMs } = projection;
  const score = position ? scoreOf(position) : '';
  const seen = seenAgeMs === null ? '' : wholeMs(seenAgeMs + ageMs(asOfMs));
  return [driverId, version, CODES[status], wholeMs(idleSinceMs), score, seen];
}

/** @throws RangeError for a fix that would spoil the call it shares with others */
export function assertFix({ position, recordedAtMs }: Fix): void {
  assertPosition(position);
  wholeMs(recordedAtMs ?? 0);
}

/** @throws RangeError */
export function fixColumns(fixes: readonly Fix[]): string[] {
  const ids = fixes.map((fix) => fix.driverId);
  const times = fixes.map(({ recordedAtMs }) => (recordedAtMs === null ? 'now' : String(wholeMs(recordedAtMs))));
  const scores = fixes.map((fix) => String(scoreOf(fix.position)));
  const ages = fixes.map((fix) => ageMs(fix.heardAtMs));
  return [ids, times, scores, ages].map((column) => JSON.stringify(column));
}

export function beatArgs({ driverId, heardAtMs }: Beat): (string | number)[] {
  return [driverId, ageMs(heardAtMs)];
}

/** @throws RangeError */
function scoreOf(position: Position): number {
  assertPosition(position);
  return geoScore(position);
}

/** @throws RangeError */
export function lonLat(position: Position): [lon: number, lat: number] {
  assertPosition(position);
  return [position.lon, position.lat];
}

/** @throws RangeError: one bad point would make Redis refuse the whole call */
function assertPosition(position: Position): void {
  if (!isValidPosition(position)) throw new RangeError('position out of range');
}
