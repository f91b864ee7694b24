import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { ChangesView, PositionTuple } from '#shared/contract/live.ts';
import type { Position } from '#shared/domain/geo.ts';
import { distanceM } from '#shared/domain/geo.ts';
import { ask } from '#shared/pages/ask.ts';
import type { Link } from '#shared/pages/follow.ts';
import { followTogether } from '#shared/pages/follow-together.ts';
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

/** Where a driver was last seen. */
export interface Seen extends Position {
  recordedAtMs: number;
  /** Degrees clockwise from north; null before the driver has moved. */
  heading: number | null;
  /** Not heard from for 60 s. */
  silent: boolean;
  /** The last places, oldest first. */
  trail: readonly Position[];
}

export interface Store {
  session: Session;
  deliveries: Map<string, DeliveryView>;
  drivers: Map<string, DriverView>;
  seen: Map<string, Seen>;
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

const TRAIL_LENGTH = 24;
/** A step shorter than this is the phone's noise, no direction. */
const STEP_M = 4;

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
    deliveries: new Map(),
    drivers: new Map(),
    seen: new Map(),
    link: 'connecting',
    complete: false,
    said: '',
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    take(delivery) {
      keep(store.deliveries, delivery);
      changed();
    },
    takeDriver(driver) {
      keepDriver(store, driver);
      changed();
    },
    close: () => stop(),
  };
  const stop = followTogether(`dispatch-feed ${session.shopId}`, {
    onLink: (link) => {
      store.link = link;
      changed();
    },
    onMessage: (event, data) => {
      if (event === 'changes') takeChanges(store, data as ChangesView);
      if (event === 'positions') {
        takePositions(store, data as { positions: PositionTuple[]; silent: string[] });
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

/** Changes may come twice and out of turn: the version decides. */
function keep<Row extends { id: string; version: number }>(rows: Map<string, Row>, row: Row): void {
  if ((rows.get(row.id)?.version ?? -1) <= row.version) rows.set(row.id, row);
}

function keepDriver(store: Store, driver: DriverView): void {
  if (driver.active) keep(store.drivers, driver);
  else store.drivers.delete(driver.id);
}

function takeChanges(store: Store, changes: ChangesView): void {
  if (changes.full) {
    store.deliveries.clear();
    store.drivers.clear();
  }
  for (const delivery of changes.deliveries) keep(store.deliveries, delivery);
  for (const driver of changes.drivers) keepDriver(store, driver);
  const latest = changes.events.at(-1);
  const delivery = latest && store.deliveries.get(latest.deliveryId);
  if (!delivery) return;
  const driver = delivery.driverId === null ? undefined : store.drivers.get(delivery.driverId);
  const to = driver && delivery.status === 'ASSIGNED' ? driver.name : null;
  store.said = say().said(nameOf(delivery), statusText(delivery.status), to, changes.events.length - 1);
}

function takePositions(
  store: Store,
  { positions, silent }: { positions: readonly PositionTuple[]; silent: readonly string[] },
): void {
  for (const [driverId, lat, lon, recordedAtMs] of positions) {
    const before = store.seen.get(driverId);
    store.seen.set(driverId, moved(before, { lat, lon }, recordedAtMs));
  }
  for (const driverId of silent) {
    const seen = store.seen.get(driverId);
    if (seen) store.seen.set(driverId, { ...seen, silent: true });
  }
}

function moved(before: Seen | undefined, now: Position, recordedAtMs: number): Seen {
  const stepM = before ? distanceM(before, now) : 0;
  const trail = before?.trail ?? [];
  return {
    ...now,
    recordedAtMs,
    heading: before && stepM >= STEP_M ? headingOf(before, now) : (before?.heading ?? null),
    silent: recordedAtMs > 0 && Date.now() - recordedAtMs > 120_000,
    trail: stepM >= STEP_M || trail.length === 0 ? [...trail, now].slice(-TRAIL_LENGTH) : trail,
  };
}

/** Initial bearing on a plane: over the few metres between two fixes the earth is flat. */
function headingOf(from: Position, to: Position): number {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return ((Math.atan2(east, to.lat - from.lat) * 180) / Math.PI + 360) % 360;
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
