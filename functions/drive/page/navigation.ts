export const MAP_APPS = ['phone', 'google', 'apple', 'waze', 'osm'] as const;
export type MapApp = (typeof MAP_APPS)[number];

interface Place {
  lat: number | null;
  lon: number | null;
  address: string | null;
}

/** The phone's own where there is a way to name it, else OpenStreetMap. */
export function usualMapApp(userAgent: string): MapApp {
  if (/Android/.test(userAgent)) return 'phone';
  return /iPhone|iPad/.test(userAgent) ? 'apple' : 'osm';
}

/**
 * Where a map app is told to go: to the coordinates, else to the address, which the app then looks for itself.
 * Addresses as their makers document them: RFC 5870 for `geo:`, "Maps URLs" (Google), "Map Links" (Apple), "Deep Links"
 * (Waze).
 * @returns null where there is neither
 */
export function navigationLink(app: MapApp, { lat, lon, address }: Place): string | null {
  const point = lat === null || lon === null ? null : `${lat},${lon}`;
  const goal = encodeURIComponent(point ?? address ?? '');
  if (goal === '') return null;
  switch (app) {
    case 'phone':
      return `geo:${point ?? '0,0'}?q=${goal}`;
    case 'google':
      return `https://www.google.com/maps/dir/?api=1&destination=${goal}`;
    case 'apple':
      return `https://maps.apple.com/?daddr=${goal}`;
    case 'waze':
      return `https://waze.com/ul?${point === null ? 'q' : 'll'}=${goal}&navigate=yes`;
    case 'osm':
      return point === null
        ? `https://www.openstreetmap.org/search?query=${goal}`
        : `https://www.openstreetmap.org/directions?to=${goal}`;
  }
}
