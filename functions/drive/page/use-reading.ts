import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { OpenOfferView } from '#shared/contract/offers.ts';
import type { RouteView } from '#shared/contract/routes.ts';
import { ask, Refusal } from '#shared/pages/ask.ts';
import type { KnownDelivery } from './changes.ts';
import type { Identity } from './identity.ts';
import { heardOffers, type Offer } from './offers.tsx';
import type { Outbox } from './outbox.ts';
import { type LastSeen, onShelf } from './shelf.ts';

const EVERY_MS = 4_000;

export interface Seen extends LastSeen {
  /** What they are asked, where their shop asks. */
  offers: readonly Offer[];
}

interface Reading {
  /** Null: nothing yet, on this phone neither. */
  seen: Seen | null;
  /** The service could not be asked; what is seen is older. */
  away: boolean;
  /** The link is not valid any more. */
  expired: boolean;
  /** Sends what waits, and asks anew at once. */
  look(): Promise<void>;
}

/**
 * What a driver's page knows: what this phone saw last at first, then what the service answers, asked again and again.
 * @param show draws anew what the outbox has
 */
export function useReading({ driverId, headers }: Identity, outbox: Outbox, show: () => void): Reading {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [away, setAway] = useState(false);
  const [expired, setExpired] = useState(false);
  const lastSeen = useMemo(() => openLastSeen(driverId), [driverId]);
  const latest = useRef({ turn: 0, busy: false, details: [] as readonly KnownDelivery[] });

  const look = async () => {
    const turn = ++latest.current.turn;
    latest.current.busy = true;
    const isLatest = () => turn === latest.current.turn;
    try {
      await outbox.flush(headers);
      const arrived = outbox.arrived();
      show();
      const found = await readAll(driverId, headers, latest.current.details);
      // A later question has seen more: an answer that was on its way before a step would take that back.
      if (!isLatest()) return;
      latest.current.details = found.details;
      outbox.forget(arrived);
      setSeen(found);
      setAway(false);
      setExpired(false);
      await lastSeen.keep(found);
    } catch (error) {
      if (!isLatest()) return;
      setExpired(error instanceof Refusal && error.status === 401);
      setAway(true);
    } finally {
      if (isLatest()) latest.current.busy = false;
    }
  };
  useEffect(() => {
    let gone = false;
    const begin = async () => {
      const last = await lastSeen.read().catch(() => undefined);
      await outbox.read().catch(() => {});
      if (gone) return;
      if (last) {
        latest.current.details = last.details;
        setSeen((now) => now ?? { ...last, offers: [] });
      }
      await look();
    };
    void begin();
    const stop = repeat(() => !latest.current.busy && void look());
    return () => {
      gone = true;
      stop();
    };
  }, []);
  return { seen, away, expired, look };
}

async function readAll(driverId: string, headers: Identity['headers'], known: readonly KnownDelivery[]): Promise<Seen> {
  const [driver, route, asked] = await Promise.all([
    ask<DriverView>('GET', `/v1/drivers/${driverId}`, { headers }),
    ask<RouteView>('GET', `/v1/drivers/${driverId}/route`, { headers }),
    ask<{ items: OpenOfferView[] }>('GET', `/v1/drivers/${driverId}/offers`, { headers }),
  ]);
  const details = await readDetails(route, known, headers);
  return { driver, route, details, offers: heardOffers(asked.items, performance.now()) };
}

/** Asked again as they change while they are in the route, and ahead of their stops: there may be no connection by then. */
function readDetails(
  { stops }: RouteView,
  known: readonly KnownDelivery[],
  headers: Identity['headers'],
): Promise<readonly KnownDelivery[]> {
  const before = new Map(known.map((delivery) => [delivery.id, delivery]));
  const versions = new Map(stops.map(({ deliveryId, deliveryVersion }) => [deliveryId, deliveryVersion]));
  return Promise.all(
    [...versions].map(([id, version]) => {
      const one = before.get(id);
      if (one?.version === version) return one;
      return ask<KnownDelivery>('GET', `/v1/deliveries/${id}`, { headers });
    }),
  );
}

/** Written where it has become another: a phone's storage wears, and its battery. */
function openLastSeen(driverId: string) {
  let written = '';
  return {
    async read(): Promise<LastSeen | undefined> {
      return onShelf((shelf) => shelf.get('seen', driverId));
    },
    async keep({ driver, route, details }: LastSeen): Promise<void> {
      const seen = { driver, route, details };
      const now = JSON.stringify(seen);
      if (now === written) return;
      try {
        await onShelf((shelf) => shelf.put('seen', seen, driverId));
        written = now;
      } catch {
        // A full phone: steps have more need of the room. It is shown as long as the page is open.
        await onShelf((shelf) => shelf.delete('seen', driverId)).catch(() => {});
      }
    },
  };
}

function repeat(look: () => void): () => void {
  const again = () => document.visibilityState === 'visible' && look();
  const timer = setInterval(look, EVERY_MS);
  document.addEventListener('visibilitychange', again);
  addEventListener('online', look);
  navigator.serviceWorker?.addEventListener('message', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', again);
    removeEventListener('online', look);
    navigator.serviceWorker?.removeEventListener('message', look);
  };
}
