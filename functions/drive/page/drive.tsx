import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { OpenOfferView } from '#shared/contract/offers.ts';
import type { RouteStopView, RouteView } from '#shared/contract/routes.ts';
import { ask, Refusal } from '#shared/pages/ask.ts';
import { statusText } from '#shared/pages/words.ts';
import { type KnownDelivery, openSeen } from './changes.ts';
import { Current } from './current.tsx';
import { forgetIdentity, type Identity } from './identity.ts';
import { Later } from './later.tsx';
import { type Answer, heardOffers, type Offer, Offers } from './offers.tsx';
import { openOutbox, type Step } from './outbox.ts';
import { openPositions, type Sharing } from './positions.ts';
import { presentVisit, stopsAfter } from './stops.ts';

const EVERY_MS = 4_000;

interface Known {
  driver: DriverView;
  route: RouteView;
  /** What they are asked, where their shop asks. */
  offers: readonly Offer[];
}

/** What the route does not say of its deliveries, by id. */
type Details = ReadonlyMap<string, KnownDelivery>;

const SHARING: Readonly<Record<Sharing, string>> = {
  off: 'Your position is not shared.',
  waiting: 'Looking for your position …',
  sharing: 'Your position is shared.',
  offline: 'No connection: your position is kept and sent later.',
  denied: 'This phone does not give your position. Allow it in the settings, or you get no orders.',
};

export function Drive({ identity }: { identity: Identity }) {
  const { driverId, headers } = identity;
  const [known, setKnown] = useState<Known | null>(null);
  const [away, setAway] = useState(false);
  const [expired, setExpired] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [sharing, setSharing] = useState<Sharing>('off');
  const details = useRef<Details>(new Map());
  const [, setSteps] = useState(0);
  const outbox = useMemo(() => openOutbox(driverId), [driverId]);
  const seen = useMemo(() => openSeen(driverId), [driverId]);
  const positions = useMemo(() => openPositions(driverId, headers, setSharing), [driverId]);
  const look = async () => {
    const refused = await outbox.flush(headers);
    if (refused !== null) setFault(refused);
    try {
      const [driver, route, asked] = await Promise.all([
        ask<DriverView>('GET', `/v1/drivers/${driverId}`, { headers }),
        ask<RouteView>('GET', `/v1/drivers/${driverId}/route`, { headers }),
        ask<{ items: OpenOfferView[] }>('GET', `/v1/drivers/${driverId}/offers`, { headers }),
      ]);
      details.current = await detailsOf(route, details.current, headers);
      setKnown({ driver, route, offers: heardOffers(asked.items, performance.now()) });
      setAway(false);
    } catch (error) {
      setExpired(error instanceof Refusal && error.status === 401);
      setAway(true);
    }
  };
  useRepeated(look);
  const onDuty = known !== null && known.driver.status !== 'OFFLINE';
  useEffect(() => {
    if (onDuty) positions.start();
    else positions.stop();
    return () => positions.stop();
  }, [onDuty]);
  const answer = async ({ id }: Offer, said: Answer) => {
    setFault(null);
    const step = said.accept ? 'accept' : 'decline';
    try {
      await ask('POST', `/v1/offers/${id}/${step}`, {
        headers,
        ...(!said.accept && { body: { reason: said.reason } }),
      });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    await look();
  };
  const put = async (what: 'status' | 'route', body: unknown) => {
    setFault(null);
    try {
      await ask('PUT', `/v1/drivers/${driverId}/${what}`, { body, headers });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    await look();
  };
  const setDuty = (status: string) => put('status', { status });
  const goFirst = ({ version, stops }: RouteView, first: RouteStopView) => {
    const order = [first, ...stops.filter((stop) => stop !== first)];
    return put('route', { version, stops: order.map(({ deliveryId, kind }) => ({ deliveryId, kind })) });
  };
  const take = (step: Omit<Step, 'key' | 'occurredAt'>) => {
    setFault(null);
    const position = positions.last();
    try {
      const kept = outbox.add({ ...step, ...(position && { position }) });
      if (kept === 'without_photo')
        setFault('The storage of this phone is full: the photo was not kept, the step was.');
    } catch (error) {
      setFault((error as Error).message);
    }
    // Shown at once, whatever the connection is like: who sees nothing taps again.
    setSteps((count) => count + 1);
    void look();
  };
  const correct = (step: Step, pincode: string | null) => {
    outbox.correct(step.key, pincode);
    setSteps((count) => count + 1);
    void look();
  };
  if (expired) return <Expired waiting={outbox.waiting().length} />;
  if (known === null)
    return (
      <main class="alone">
        <p>{away ? 'No connection. Trying again …' : 'One moment …'}</p>
      </main>
    );
  const waiting = outbox.waiting();
  const wrong = waiting.find(({ wrongPin }) => wrongPin);
  const stops = stopsAfter(known.route.stops, waiting);
  const visit = presentVisit(stops);
  return (
    <div class="drive">
      <header>
        <h1>{known.driver.name}</h1>
        <button
          class={onDuty ? 'duty on' : 'duty'}
          type="button"
          role="switch"
          aria-checked={onDuty}
          onClick={() => void setDuty(onDuty ? 'OFFLINE' : 'AVAILABLE')}
        >
          {statusText(known.driver.status)}
        </button>
      </header>
      <main>
        <p class={`sharing ${sharing}`} role="status">
          {onDuty ? SHARING[sharing] : 'You are offline. Go available to get orders.'}
        </p>
        {away && (
          <p class="banner" role="status">
            No connection. {waiting.length > 0 ? 'Your steps are kept and sent when it is back.' : 'Trying again …'}
          </p>
        )}
        {waiting.length > 0 && (
          <p class="banner" role="status">
            {waiting.length === 1 ? '1 step is' : `${waiting.length} steps are`} waiting to be sent.
          </p>
        )}
        {wrong && (
          <WrongPin key={wrong.key} triesLeft={wrong.triesLeft ?? 1} onPin={(pincode) => correct(wrong, pincode)} />
        )}
        {fault && (
          <p class="banner bad" role="alert">
            {fault}
          </p>
        )}
        <Offers offers={known.offers} onAnswer={(offer, said) => void answer(offer, said)} />
        {visit.map((stop) => (
          <Current
            key={`${stop.deliveryId} ${stop.kind}`}
            stop={stop}
            delivery={details.current.get(stop.deliveryId)}
            changed={seen.changesOf(details.current.get(stop.deliveryId))}
            onSeen={(delivery) => {
              seen.note(delivery);
              setSteps((count) => count + 1);
            }}
            onStep={take}
          />
        ))}
        <Later
          stops={stops}
          from={visit.length}
          onFirst={waiting.length === 0 && !away ? (stop) => void goFirst(known.route, stop) : null}
        />
        {visit.length === 0 && known.offers.length === 0 && (
          <div class="idle">
            {onDuty ? (
              <p>No order at the moment. The next one appears here by itself.</p>
            ) : (
              <button class="primary big" type="button" onClick={() => void setDuty('AVAILABLE')}>
                Go available
              </button>
            )}
          </div>
        )}
      </main>
      <footer>
        <button class="quiet" type="button" onClick={() => leave(waiting.length)}>
          Log out of this phone
        </button>
      </footer>
    </div>
  );
}

/** Asked again as they change while they are in the route, and ahead of their stops: there may be no connection by then. */
async function detailsOf({ stops }: RouteView, known: Details, headers: Identity['headers']): Promise<Details> {
  const versions = new Map(stops.map(({ deliveryId, deliveryVersion }) => [deliveryId, deliveryVersion]));
  const found = [...versions].map(([id, version]) => {
    const before = known.get(id);
    return before?.version === version ? before : ask<KnownDelivery>('GET', `/v1/deliveries/${id}`, { headers });
  });
  return new Map((await Promise.all(found)).map((delivery) => [delivery.id, delivery]));
}

function useRepeated(look: () => Promise<void>): void {
  useEffect(() => {
    void look();
    const again = () => void (document.visibilityState === 'visible' && look());
    const timer = setInterval(() => void look(), EVERY_MS);
    document.addEventListener('visibilitychange', again);
    addEventListener('online', again);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
      removeEventListener('online', again);
    };
  }, []);
}

/** Only the code is asked for again: name and photo are kept. */
function WrongPin({ triesLeft, onPin }: { triesLeft: number; onPin: (pincode: string | null) => void }) {
  const locked = triesLeft === 0;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onPin(String(new FormData(event.currentTarget as HTMLFormElement).get('pincode')).trim());
  };
  return (
    <div class="banner bad" role="alert">
      <form class="hand-over" onSubmit={submit}>
        <label>
          {locked
            ? 'Wrong code, too often. Call your dispatcher: they set a new code, or let you hand over without one. New code, if there is one'
            : `Wrong code. ${triesLeft === 1 ? 'One try' : `${triesLeft} tries`} left. The right PIN code`}
          <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required={!locked} />
        </label>
        <button class="primary" type="submit">
          Send again
        </button>
        <button class="quiet" type="button" onClick={() => confirm('Give up this hand-over?') && onPin(null)}>
          It was not handed over
        </button>
      </form>
    </div>
  );
}

function leave(waiting: number): void {
  const told = `${waiting} of your steps have not arrived yet. They stay on this phone and are sent with your next link. Log out?`;
  if (waiting === 0 || confirm(told)) void forgetIdentity();
}

function Expired({ waiting }: { waiting: number }) {
  return (
    <main class="alone">
      <h1>This link has expired</h1>
      <p>Ask your dispatcher for a new one.</p>
      {waiting > 0 && <p>{waiting === 1 ? 'A step that' : `${waiting} steps that`} you took will be sent with it.</p>}
    </main>
  );
}
