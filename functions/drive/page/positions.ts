import { ask, Refusal } from '#shared/pages/ask.ts';

interface Fix {
  lat: number;
  lon: number;
  /** Left out where this phone's clock is behind what it has said before: then it is of when it arrives. */
  recordedAt?: string;
  accuracyM: number;
}

export type Sharing = 'off' | 'waiting' | 'sharing' | 'offline' | 'denied';

export interface Positions {
  start(): void;
  stop(): void;
  last(): { lat: number; lon: number } | null;
}

const SEND_MS = 4_000;
/** A fix is as old as the phone says, unless that cannot be. */
const CLOCK_MS = 3_600_000;
/** Standing still makes no fixes; the service forgets who is silent for 60 s. */
const CONTACT_MS = 20_000;
/** An hour of a moving phone; of older ones only the newest count. */
const KEPT = 900;

/** Shares where the phone is, in batches; what cannot be sent is kept and sent later. */
export function openPositions(
  driverId: string,
  headers: Readonly<Record<string, string>>,
  onSharing: (sharing: Sharing) => void,
): Positions {
  let watch: number | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  let last: Fix | null = null;
  let contactAt = 0;
  let isBehind = false;
  const shelf = `drive.fixes.${driverId}`;
  let kept: readonly Fix[] = JSON.parse(localStorage.getItem(shelf) ?? '[]');
  const keep = (fixes: readonly Fix[]) => {
    kept = fixes.slice(-KEPT);
    try {
      localStorage.setItem(shelf, JSON.stringify(kept));
    } catch {
      // A full phone: steps have more need of the room than where it was. It is sent as long as the page is open.
      localStorage.removeItem(shelf);
    }
  };
  const send = async () => {
    const fixes = kept;
    const due = fixes.length > 0 || Date.now() - contactAt > CONTACT_MS;
    if (!due) return;
    const path = fixes.length > 0 ? 'locations' : 'heartbeat';
    try {
      const answer = await ask<{ outdated?: number }>('POST', `/v1/drivers/${driverId}/${path}`, {
        ...(fixes.length > 0 && { body: { fixes } }),
        headers,
      });
      // All that is new to us is old to the service: somebody has set this phone's clock back.
      if (fixes.length > 0 && answer.outdated === fixes.length) isBehind = true;
      keep(kept.filter((fix) => !fixes.includes(fix)));
      contactAt = Date.now();
      onSharing(last === null ? 'waiting' : 'sharing');
    } catch (error) {
      // What it does not understand it will not understand later either.
      if (error instanceof Refusal && error.status === 422) keep([]);
      onSharing('offline');
    }
  };
  const take = ({ coords, timestamp }: GeolocationPosition) => {
    const { latitude: lat, longitude: lon, accuracy } = coords;
    last = {
      lat,
      lon,
      // Safari on a desk counts from 2001.
      ...(!isBehind &&
        Math.abs(timestamp - Date.now()) < CLOCK_MS && { recordedAt: new Date(timestamp).toISOString() }),
      accuracyM: Math.min(1_000_000, Math.round(accuracy)),
    };
    keep([...kept, last]);
    if (contactAt === 0) void send();
  };
  return {
    start() {
      if (watch !== null) return;
      if (!('geolocation' in navigator)) return onSharing('denied');
      onSharing('waiting');
      const failed = (error: GeolocationPositionError) => error.code === error.PERMISSION_DENIED && onSharing('denied');
      watch = navigator.geolocation.watchPosition(take, failed, { enableHighAccuracy: true, maximumAge: 2_000 });
      timer = setInterval(() => void send(), SEND_MS);
    },
    stop() {
      if (watch !== null) navigator.geolocation.clearWatch(watch);
      watch = null;
      clearInterval(timer);
      contactAt = 0;
      onSharing('off');
    },
    last: () => last && { lat: last.lat, lon: last.lon },
  };
}
