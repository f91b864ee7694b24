import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { ChangesView, PositionTuple } from '#shared/contract/live.ts';
import { distanceM, type Position } from '#shared/domain/geo.ts';

/*
 * What the console knows of a shop. It is told in messages that may come twice and out of turn: those of a feed, and what
 * each request of its own is answered. Of any order of them the newest is left.
 */

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

export interface Known {
  deliveries: Map<string, DeliveryView>;
  drivers: Map<string, DriverView>;
  /** Drivers who are no more, with the version that says so: an older word of them does not bring them back. */
  retired: Map<string, number>;
  seen: Map<string, Seen>;
}

export function nothingKnown(): Known {
  return { deliveries: new Map(), drivers: new Map(), retired: new Map(), seen: new Map() };
}

const TRAIL_LENGTH = 24;
/** A step shorter than this is the phone's noise, no direction. */
const STEP_M = 4;

export function takeDelivery({ deliveries }: Known, delivery: DeliveryView): void {
  if (isNewer(deliveries.get(delivery.id)?.version, delivery)) deliveries.set(delivery.id, delivery);
}

export function takeDriver({ drivers, retired }: Known, driver: DriverView): void {
  if (!isNewer(drivers.get(driver.id)?.version ?? retired.get(driver.id), driver)) return;
  if (driver.active) {
    drivers.set(driver.id, driver);
    retired.delete(driver.id);
  } else {
    drivers.delete(driver.id);
    retired.set(driver.id, driver.version);
  }
}

/** A row of the same version may say more: what a request of one's own is answered. */
function isNewer(version: number | undefined, row: { version: number }): boolean {
  return (version ?? -1) <= row.version;
}

export function takeChanges(known: Known, { full, deliveries, drivers }: ChangesView): void {
  if (full) {
    known.deliveries.clear();
    known.drivers.clear();
  }
  for (const delivery of deliveries) takeDelivery(known, delivery);
  for (const driver of drivers) takeDriver(known, driver);
}

const HOUR_MS = 3_600_000;
/** What a board is answered of what has ended (`/v1/changes`): a tab that is open for days shows no more than a new one. */
const ENDED = { withinMs: 12 * HOUR_MS, most: 200 } as const;
const FAILED = { withinMs: 7 * 24 * HOUR_MS, most: 500 } as const;

/** Lets go of what a board that is read now would not have any more. */
export function forgetOld({ deliveries }: Known, nowMs: number): void {
  const ended = [...deliveries.values()].filter(({ endedAt }) => endedAt !== null);
  const endedMs = ({ endedAt }: DeliveryView) => Date.parse(endedAt!);
  const lately = (one: DeliveryView, withinMs: number) => endedMs(one) > nowMs - withinMs;
  const kept = new Set([
    ...ended
      .filter((one) => lately(one, ENDED.withinMs))
      .sort((a, b) => endedMs(b) - endedMs(a))
      .slice(0, ENDED.most),
    // By age of the order, which its id has; the week is asked of the newest, not the newest of the week.
    ...ended
      .filter(({ status }) => status === 'FAILED')
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, FAILED.most)
      .filter((one) => lately(one, FAILED.withinMs)),
  ]);
  for (const one of ended) if (!kept.has(one)) deliveries.delete(one.id);
}

export interface Positions {
  positions: readonly PositionTuple[];
  silent: readonly string[];
}

export function takePositions({ seen }: Known, { positions, silent }: Positions): void {
  for (const [driverId, lat, lon, recordedAtMs] of positions) {
    // As they come: when it was is by a phone's clock, which may be set back.
    seen.set(driverId, moved(seen.get(driverId), { lat, lon }, recordedAtMs));
  }
  for (const driverId of silent) {
    const last = seen.get(driverId);
    if (last) seen.set(driverId, { ...last, silent: true });
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
