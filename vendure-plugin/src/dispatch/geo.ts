import type { TravelAssumptions } from '../options';

/** WGS 84 degrees. */
export interface Position {
  lat: number;
  lon: number;
}

/** The sphere the service measures on, so that both sides name the same distance. */
const EARTH_RADIUS_M = 6_372_797.560856;
/** The limit of Redis GEO, which the service keeps to. */
const MAX_LAT = 85.05112878;

/** Great-circle distance in metres (haversine). */
export function distanceM(a: Position, b: Position): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** A position where both values are degrees, else undefined. `0` is a value like any other; null is none. */
export function positionOf(lat: unknown, lon: unknown): Position | undefined {
  if (typeof lat !== 'number' || typeof lon !== 'number') return undefined;
  return Math.abs(lat) <= MAX_LAT && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

/** Minutes to drive `straightM` metres as the crow flies, and to hand over at its end. */
export function travelMinutes(straightM: number, travel: TravelAssumptions): number {
  return (straightM * travel.detour) / ((travel.speedKmh * 1000) / 60) + travel.handlingMinutes;
}
