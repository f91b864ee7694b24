import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { Position } from '#shared/domain/geo.ts';
import type { Link } from '#shared/pages/follow.ts';
import { type Actions, type Notice, openActions } from './actions.ts';
import { LimitsOfShop } from './caller-limits.tsx';
import { ChooseLanguage } from './choose-language.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { DeliveryPage } from './delivery-page.tsx';
import { DriverList } from './driver-list.tsx';
import { DriverPage } from './driver-page.tsx';
import { Keys } from './keys.tsx';
import { say } from './language.ts';
import { LinkState } from './link-state.tsx';
import { MapView } from './map-view.tsx';
import type { Placed, Placing } from './placing.tsx';
import { type Route, TABS, type Tab, useRoute, useWayBack } from './route.ts';
import { openStore, type Session } from './store.ts';
import { Today } from './today.tsx';
import { Webhooks } from './webhooks.tsx';

const LISTS_EVERY_MS = 400;
const NOTICE_MS = 6_000;

export function Board({
  session,
  onLeave,
  onSignedOut,
}: {
  session: Session;
  onLeave: () => void;
  onSignedOut: () => void;
}) {
  const store = useMemo(() => openStore(session), [session]);
  const [notice, setNotice] = useState<Notice | null>(null);
  const actions = useMemo(() => openActions(store, setNotice), [store]);
  const route = useRoute();
  useWayBack(route);
  useThrottled(store);
  useEffect(() => () => store.close(), [store]);
  useEffect(() => {
    if (store.link === 'signed_out') onSignedOut();
  }, [store.link]);
  useEffect(() => {
    const timer = notice && setTimeout(() => setNotice(null), NOTICE_MS);
    return () => clearTimeout(timer ?? undefined);
  }, [notice]);
  const { placing, placed, begin, place, cancel, commit, undo } = usePlacing(actions, route);
  const delivery = route.tab === 'deliveries' && route.id !== null ? (store.deliveries.get(route.id) ?? null) : null;
  const driver = route.tab === 'drivers' && route.id !== null ? (store.drivers.get(route.id) ?? null) : null;
  return (
    <div class="board">
      <Head
        session={session}
        link={store.link}
        tab={route.tab}
        // Before the session is gone: without it nothing can be placed.
        onLeave={() => void (placed ? commit(placed) : Promise.resolve(true)).then(onLeave)}
      />
      <MapView
        store={store}
        deliveryId={delivery?.id ?? null}
        driverId={driver?.id ?? null}
        placing={placing}
        onPlace={place}
        onCancelPlacing={cancel}
        placed={placed}
        onCommit={(put) => void commit(put)}
        onUndo={undo}
        onAssign={(id, to) => void actions.assign(id, to)}
      />
      <main id="panel" tabIndex={-1}>
        {route.tab === 'deliveries' && !delivery && <DeliveryList store={store} missing={route.id !== null} />}
        {delivery && (
          <DeliveryPage
            key={delivery.id}
            store={store}
            delivery={delivery}
            actions={actions}
            onPlace={(stop) => begin({ delivery, stop })}
          />
        )}
        {route.tab === 'drivers' && !driver && <DriverList store={store} />}
        {driver && <DriverPage key={driver.id} store={store} driver={driver} actions={actions} />}
        {route.tab === 'today' && <Today store={store} />}
        {route.tab === 'webhooks' && (
          <Webhooks shopId={session.shopId} mayDispatch={session.mayDispatch} notify={setNotice} />
        )}
        {route.tab === 'keys' && session.mayAdmin && <Keys shopId={session.shopId} notify={setNotice} />}
        {route.tab === 'keys' && session.mayAdmin && <LimitsOfShop shopId={session.shopId} notify={setNotice} />}
      </main>
      <div class={`notice ${notice?.bad ? 'bad' : ''}`} role={notice?.bad ? 'alert' : 'status'} hidden={!notice}>
        {notice?.text}
      </div>
      <p class="unseen" role="log" aria-live="polite">
        {store.said}
      </p>
    </div>
  );
}

function Head(props: { session: Session; link: Link; tab: Tab; onLeave: () => void }) {
  const { session, link, tab: open, onLeave } = props;
  return (
    <header>
      <h1>{session.name}</h1>
      <LinkState link={link} />
      <nav aria-label={say().sections}>
        {TABS.filter((tab) => tab !== 'keys' || session.mayAdmin).map((tab) => (
          <a key={tab} href={`#/${tab}`} aria-current={open === tab ? 'page' : undefined}>
            {say().tabs[tab]}
          </a>
        ))}
      </nav>
      <ChooseLanguage />
      <button class="quiet leave" type="button" onClick={onLeave}>
        {say().logOut}
      </button>
    </header>
  );
}

/** A place that is being set on the map, and one that was and can be undone still. */
function usePlacing(actions: Actions, route: Route) {
  const [placing, setPlacing] = useState<Placing | null>(null);
  const [placed, setPlaced] = useState<Placed | null>(null);
  const commit = ({ delivery, stop, at }: Placed) => {
    setPlaced(null);
    return actions.place(delivery.id, stop, at);
  };
  // Whoever goes elsewhere has another order in mind.
  useEffect(() => setPlacing(null), [route.tab, route.id]);
  return {
    placing,
    placed,
    commit,
    begin: (next: Placing) => {
      if (placed) void commit(placed);
      setPlacing(next);
    },
    place: (at: Position) => {
      if (placing) setPlaced({ ...placing, at });
      setPlacing(null);
    },
    cancel: () => setPlacing(null),
    undo: () => setPlaced(null),
  };
}

/** The map draws every change; lists of thousands are made anew a few times a second at most. */
function useThrottled(store: { subscribe(listener: () => void): () => void }): void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastAt = 0;
    const unsubscribe = store.subscribe(() => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          lastAt = performance.now();
          again(0);
        },
        Math.max(0, lastAt + LISTS_EVERY_MS - performance.now()),
      );
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [store]);
}
