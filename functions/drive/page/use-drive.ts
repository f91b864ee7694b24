import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DriverStatusChange, DriverView } from '#shared/contract/drivers.ts';
import type { OpenOfferView } from '#shared/contract/offers.ts';
import type { RouteStopView, RouteView } from '#shared/contract/routes.ts';
import { ask, Refusal } from '#shared/pages/ask.ts';
import type { KnownDelivery } from './changes.ts';
import type { Identity } from './identity.ts';
import { texts } from './language.ts';
import { type Answer, heardOffers, type Offer } from './offers.tsx';
import { type KeptAs, openOutbox } from './outbox.ts';
import { type LastSeen, openShelf } from './shelf.ts';
import type { Brought, Taken } from './steps.ts';

const EVERY_MS = 4_000;
/** A connection that says nothing for so long is none. */
const PATIENCE_MS = 15_000;

export interface Seen extends LastSeen {
  /** What they are asked, where their shop asks. */
  offers: readonly Offer[];
}

/** What a driver's page knows, asks again and again, and does; what it saw last is there before the first answer. */
export function useDrive({ driverId, headers }: Identity) {
  const [seen, setSeen] = useState<Seen | null>(null);
  const [away, setAway] = useState(false);
  const [expired, setExpired] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [, redraw] = useState(0);
  const outbox = useMemo(() => openOutbox(driverId), [driverId]);
  const lastSeen = useMemo(() => openLastSeen(driverId), [driverId]);
  const latest = useRef({ turn: 0, busy: false, details: [] as readonly KnownDelivery[] });
  const show = () => redraw((count) => count + 1);

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
  const report = async (work: () => Promise<unknown>) => {
    setFault(null);
    try {
      await work();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    await look();
  };
  const take = async (step: Taken) => {
    setFault(null);
    const kept = outbox.add(step);
    // At once, whatever the connection is like: who sees nothing taps again.
    show();
    const fault = faultOf(await kept);
    if (fault !== null) setFault(fault);
    void askWorker();
    await look();
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
  return {
    seen,
    away,
    expired,
    fault,
    outbox,
    show,
    take,
    correct: async (id: string, brought: Brought | null) => {
      await outbox.correct(id, brought);
      show();
      await look();
    },
    dismiss: async (deliveryId: string) => {
      await outbox.dismiss(deliveryId);
      show();
    },
    answer: ({ id }: Offer, said: Answer) =>
      report(() =>
        ask('POST', `/v1/offers/${id}/${said.accept ? 'accept' : 'decline'}`, {
          headers,
          ...(!said.accept && { body: { reason: said.reason } }),
        }),
      ),
    setDuty: (body: DriverStatusChange) =>
      report(() => ask('PUT', `/v1/drivers/${driverId}/status`, { body, headers })),
    goFirst: ({ version, stops }: RouteView, visit: readonly RouteStopView[]) => {
      const order = [...visit, ...stops.filter((stop) => !visit.includes(stop))];
      const body = { version, stops: order.map(({ deliveryId, kind }) => ({ deliveryId, kind })) };
      return report(() => ask('PUT', `/v1/drivers/${driverId}/route`, { body, headers }));
    },
  };
}

function faultOf(kept: KeptAs): string | null {
  switch (kept) {
    case 'kept':
      return null;
    case 'without_photo':
      return texts.withoutPhoto;
    case 'in_page':
      return texts.inPageOnly;
  }
}

async function readAll(driverId: string, headers: Identity['headers'], known: readonly KnownDelivery[]): Promise<Seen> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const [driver, route, asked] = await Promise.all([
    ask<DriverView>('GET', `/v1/drivers/${driverId}`, { headers, signal }),
    ask<RouteView>('GET', `/v1/drivers/${driverId}/route`, { headers, signal }),
    ask<{ items: OpenOfferView[] }>('GET', `/v1/drivers/${driverId}/offers`, { headers, signal }),
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
      return ask<KnownDelivery>('GET', `/v1/deliveries/${id}`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    }),
  );
}

/** Written where it has become another: a phone's storage wears, and its battery. */
function openLastSeen(driverId: string) {
  let written = '';
  return {
    async read(): Promise<LastSeen | undefined> {
      return (await openShelf()).get('seen', driverId);
    },
    async keep({ driver, route, details }: LastSeen): Promise<void> {
      const seen = { driver, route, details };
      const now = JSON.stringify(seen);
      if (now === written) return;
      try {
        await (await openShelf()).put('seen', seen, driverId);
        written = now;
      } catch {
        // A full phone: steps have more need of the room. It is shown as long as the page is open.
        await (await openShelf()).delete('seen', driverId).catch(() => {});
      }
    },
  };
}

/** The browser wakes the worker when there is a connection again, also when the page is closed by then. */
async function askWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = (await navigator.serviceWorker.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await registration?.sync?.register('steps').catch(() => {});
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
