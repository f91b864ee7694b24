import { ask, LARGE_MS, Refusal } from '#shared/pages/ask.ts';
import type { Identity } from './identity.ts';
import type { Phone } from './positions.ts';

/** The phone that this page is open on. */
export function thisPhone({ driverId, headers }: Identity): Phone {
  const shelf = `drive.fixes.${driverId}`;
  return {
    nowMs: Date.now,
    every(ms, work) {
      const timer = setInterval(work, ms);
      return () => clearInterval(timer);
    },
    geolocation: 'geolocation' in navigator ? navigator.geolocation : undefined,
    send: (fixes) => ask('POST', `/v1/drivers/${driverId}/locations`, { body: { fixes }, headers, withinMs: LARGE_MS }),
    greet: () => ask('POST', `/v1/drivers/${driverId}/heartbeat`, { headers }),
    // What it does not understand it will not understand later either.
    isForGood: (error) => error instanceof Refusal && error.status === 422,
    readKept: () => JSON.parse(localStorage.getItem(shelf) ?? '[]'),
    keep(fixes) {
      try {
        if (fixes.length === 0) localStorage.removeItem(shelf);
        else localStorage.setItem(shelf, JSON.stringify(fixes));
      } catch {
        // A full phone: steps have more need of the room than where it was. It is sent as long as the page is open.
        localStorage.removeItem(shelf);
      }
    },
  };
}
