import { distanceM } from '#shared/domain/geo.ts';

interface Fix {
  lat: number;
  lon: number;
  /** Left out where this phone's clock is behind what it has said before: then it is of when it arrives. */
  recordedAt?: string;
  accuracyM: number;
}

export type Sharing = 'off' | 'waiting' | 'sharing' | 'offline' | 'denied';
/** Off duty; on duty without an order; with one. */
export type Duty = 'off' | 'idle' | 'route';

/** What the phone is, so that a test can be one. */
export interface Phone {
  nowMs(): number;
  /** @returns how to end it */
  every(ms: number, work: () => void): () => void;
  /** Undefined: it has none. */
  geolocation: Pick<Geolocation, 'watchPosition' | 'clearWatch'> | undefined;
  /** @returns how many fixes the service knew newer ones of. @throws Refusal */
  send(fixes: readonly Fix[]): Promise<{ outdated?: number }>;
  /** Tells the service that the driver is there, where they were. @throws Refusal */
  greet(): Promise<unknown>;
  /** Whether what was not taken will not be taken later either. */
  isForGood(error: unknown): boolean;
  readKept(): readonly Fix[];
  keep(fixes: readonly Fix[]): void;
}

export interface Positions {
  /** From now on. */
  set(duty: Duty): void;
  /** Null: not where the phone is now, as well as that can be known. */
  last(): { lat: number; lon: number } | null;
}

const LOOK_MS = 2_000;
/** Between two batches, and between two fixes, of a phone that moves: a customer looks on while an order is under way. */
const MOVING = { idle: { sendMs: 20_000, fixMs: 10_000 }, route: { sendMs: 8_000, fixMs: 4_000 } } as const;
/** Standing is told no sooner than has to be: the service forgets who is silent for 60 s. */
const CONTACT_MS = 40_000;
const RETRY_MS = 5_000;
/** Less than this is standing: a fix in a street is good to some 20 m, and says of itself if it is worse. */
const STANDING_M = 25;
const WORST_M = 200;
/** Older than that it says of a step where the driver was, not where it was taken. */
const FRESH_MS = 60_000;
/** A fix is as old as the phone says, unless that cannot be. */
const CLOCK_MS = 3_600_000;
/** An hour of a moving phone; of older ones only the newest count. */
const KEPT = 900;

/**
 * Shares where the phone is: nothing off duty, seldom while it stands, in batches while it moves. Each request wakes the
 * radio, which costs more than what it sends. What cannot be sent is kept, and sent later.
 */
export function openPositions(phone: Phone, onSharing: (sharing: Sharing) => void): Positions {
  let duty: Duty = 'off';
  let end: (() => void) | null = null;
  let last: { fix: Fix; atMs: number } | null = null;
  let lastKept: { fix: Fix; atMs: number } | null = null;
  let contactMs = Number.NEGATIVE_INFINITY;
  let failedMs = Number.NEGATIVE_INFINITY;
  let isBehind = false;
  /** Since the phone has said so, until it gives a place again: that it reaches the service says nothing of that. */
  let isDenied = false;
  let busy = false;
  let kept = phone.readKept();
  const pace = () => MOVING[duty === 'route' ? 'route' : 'idle'];
  const isDue = () =>
    phone.nowMs() - failedMs >= RETRY_MS && phone.nowMs() - contactMs >= (kept.length > 0 ? pace().sendMs : CONTACT_MS);
  const show = (sharing: Sharing) => onSharing(isDenied ? 'denied' : sharing);
  const send = async () => {
    if (busy || !isDue()) return;
    busy = true;
    const fixes = kept;
    try {
      if (fixes.length === 0) await phone.greet();
      // All that is new to us is old to the service: somebody has set this phone's clock back.
      else if ((await phone.send(fixes)).outdated === fixes.length) isBehind = true;
      kept = kept.filter((fix) => !fixes.includes(fix));
      phone.keep(kept);
      contactMs = phone.nowMs();
      if (end !== null) show(last === null ? 'waiting' : 'sharing');
    } catch (error) {
      failedMs = phone.nowMs();
      if (phone.isForGood(error)) kept = kept.filter((fix) => !fixes.includes(fix));
      phone.keep(kept);
      if (end !== null) show('offline');
    } finally {
      busy = false;
    }
  };
  const take = ({ coords, timestamp }: GeolocationPosition) => {
    // What is allowed again is told at once, also by a phone that stands where it stood.
    if (isDenied) lastKept = null;
    isDenied = false;
    const { latitude: lat, longitude: lon, accuracy } = coords;
    const nowMs = phone.nowMs();
    const fix: Fix = {
      lat,
      lon,
      // Safari on a desk counts from 2001.
      ...(!isBehind && Math.abs(timestamp - nowMs) < CLOCK_MS && { recordedAt: new Date(timestamp).toISOString() }),
      accuracyM: Math.min(1_000_000, Math.round(accuracy)),
    };
    last = { fix, atMs: nowMs };
    const isFirst = lastKept === null;
    if (lastKept && nowMs - lastKept.atMs < pace().fixMs) return;
    if (lastKept && distanceM(lastKept.fix, fix) < Math.max(STANDING_M, Math.min(accuracy, WORST_M))) return;
    lastKept = last;
    kept = [...kept, fix].slice(-KEPT);
    if (isFirst) contactMs = Number.NEGATIVE_INFINITY;
    void send();
  };
  const watch = () => {
    const { geolocation } = phone;
    isDenied ||= geolocation === undefined;
    if (last === null || isDenied) show('waiting');
    const failed = (error: GeolocationPositionError) => {
      if (error.code !== error.PERMISSION_DENIED) return;
      isDenied = true;
      show('denied');
    };
    // The satellites' receiver is what drains a battery: it is for those who are under way.
    const how = { enableHighAccuracy: duty === 'route', maximumAge: 2_000 };
    const watching = geolocation?.watchPosition(take, failed, how);
    // Also without a place: the service has to hear that the driver is there.
    const endLooking = phone.every(LOOK_MS, () => void send());
    end = () => {
      if (watching !== undefined) geolocation?.clearWatch(watching);
      endLooking();
    };
  };
  return {
    set(next) {
      if (next === duty) return;
      duty = next;
      end?.();
      end = null;
      if (duty !== 'off') return watch();
      [last, lastKept] = [null, null];
      onSharing('off');
    },
    last() {
      if (last === null || phone.nowMs() - last.atMs > FRESH_MS || last.fix.accuracyM > WORST_M) return null;
      return { lat: last.fix.lat, lon: last.fix.lon };
    },
  };
}
