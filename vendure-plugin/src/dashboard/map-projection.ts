/** Web Mercator, as map tiles have it. */
export interface LatLon {
  lat: number;
  lon: number;
}
/** Pixels from the map's north-western corner. */
interface Point {
  x: number;
  y: number;
}
export const TILE_PX = 256;
const METRES_ROUND = 40_075_016.686;
const MAX_LAT = 85.05112878;
/** As a shop's door needs it: some 10 cm. */
const DIGITS = 6;

export function project({ lat, lon }: LatLon, zoom: number): Point {
  const world = TILE_PX * 2 ** zoom;
  const sin = Math.sin((Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * Math.PI) / 180);
  return { x: (lon / 360 + 0.5) * world, y: (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * world };
}

export function unproject({ x, y }: Point, zoom: number): LatLon {
  const world = TILE_PX * 2 ** zoom;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / world))) * 180) / Math.PI;
  return { lat: Number(lat.toFixed(DIGITS)), lon: Number(((x / world - 0.5) * 360).toFixed(DIGITS)) };
}

export function metresPerPixel(lat: number, zoom: number): number {
  return (METRES_ROUND * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** zoom);
}
