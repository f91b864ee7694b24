import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { ChangesView, PositionTuple } from '#shared/contract/live.ts';
import type { Position } from '#shared/domain/geo.ts';
import { ask } from '#shared/pages/ask.ts';
import type { Link } from '#shared/pages/follow.ts';
import { followTogether } from '#shared/pages/follow-together.ts';
import {
  forgetOld,
  type Known,
  nothingKnown,
  type Positions,
  takeChanges,
  takeDelivery,
  takeDriver,
  takePositions,
} from './known.ts';
import { say, statusText } from './language.ts';

export interface Session {
  shopId: string;
  name: string;
  pickup: Position | null;
  etaRatio: number;
  mayDispatch: boolean;
  /** Keys and settings. */
  mayAdmin: boolean;
}

export interface Store extends Known {
  session: Session;
  link: Link;
  /** Drivers, deliveries and where they are have come at least once. */
  complete: boolean;
  /** The latest change, in words, for those who listen instead of look. */
  said: string;
  /** Told after every change, at most once a frame. */
  subscribe(listener: () => void): () => void;
  take(delivery: DeliveryView): void;
  takeDriver(driver: DriverView): void;
  close(): void;
}

const FORGET_EVERY_MS = 60_000;

/** All that is known of a shop, kept up to date by the feed. */
export function openStore(session: Session): Store {
  const listeners = new Set<() => void>();
  let frame = 0;
  const changed = () => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      for (const listener of listeners) listener();
    });
  };
  const store: Store = {
    session,
    ...nothingKnown(),
    link: 'connecting',
    complete: false,
    said: '',
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    take(delivery) {
      takeDelivery(store, delivery);
      changed();
    },
    takeDriver(driver) {
      takeDriver(store, driver);
      changed();
    },
    close() {
      clearInterval(forgetting);
      stop();
    },
  };
  const forgetting = setInterval(() => {
    forgetOld(store, Date.now());
    changed();
  }, FORGET_EVERY_MS);
  const stop = followTogether(`dispatch-feed ${session.shopId}`, {
    onLink: (link) => {
      store.link = link;
      changed();
    },
    onMessage: (event, data) => {
      if (event === 'changes') {
        takeChanges(store, data as ChangesView);
        sayLatest(store, data as ChangesView);
      }
      if (event === 'positions') {
        takePositions(store, data as Positions);
        store.complete = true;
      }
      if (event === 'changes' && store.link !== 'streaming') {
        void askPositions(store).then(() => {
          store.complete = true;
          changed();
        });
      }
      changed();
    },
  });
  return store;
}

function sayLatest(store: Store, changes: ChangesView): void {
  const latest = changes.events.at(-1);
  const delivery = latest && store.deliveries.get(latest.deliveryId);
  if (!delivery) return;
  const driver = delivery.driverId === null ? undefined : store.drivers.get(delivery.driverId);
  const to = driver && delivery.status === 'ASSIGNED' ? driver.name : null;
  store.said = say().said(nameOf(delivery), statusText(delivery.status), to, changes.events.length - 1);
}

/** Without a stream nobody tells where the drivers are: they have to be asked for. */
async function askPositions(store: Store): Promise<void> {
  const driverIds = [...store.drivers.values()]
    .filter((driver) => driver.status !== 'OFFLINE')
    .map((driver) => driver.id);
  if (driverIds.length === 0) return;
  const answer = await ask<{ positions: PositionTuple[] }>('POST', '/v1/positions', { body: { driverIds } }).catch(
    () => null,
  );
  if (answer) takePositions(store, { positions: answer.positions, silent: [] });
}

export function placeOf(stop: { lat: number | null; lon: number | null }): Position | null {
  return stop.lat === null || stop.lon === null ? null : { lat: stop.lat, lon: stop.lon };
}

/** The shop's name for it, or the end of our own. */
export function nameOf(delivery: DeliveryView): string {
  return delivery.sellerOrderId ?? delivery.id.slice(-6);
}

/** Somebody has something to do with it: also with what failed, until it is tried again, is back or is closed. */
export function isOpen({ status, endedAt }: DeliveryView): boolean {
  return endedAt === null || status === 'FAILED';
}
