import type { PlanHold, PlanInput, PlanPart, PlanRow } from '../db/statements/commit-plan.ts';
import type { DeliveryFacts, DriverFacts } from '../db/statements/read-snapshot.ts';
import { nextDispatchDelayMs } from '../domain/dispatch-schedule.ts';
import type { HeldDelivery, Plan, PlannedStop, RouteChange } from '../planning/question.ts';
import { decisionsOf, type PlanMade } from './decisions-of.ts';
import { fixedStops } from './question-of.ts';
import type { Snapshot } from './snapshot.ts';
import { stopsOf } from './stops.ts';

/** A planned time that moves by no more than this is not written again. */
const WORTH_WRITING_MS = 60_000;

const iso = (ms: number) => new Date(ms).toISOString();

/** A plan as the committing statement takes it: what changes, and nothing else. */
export function planInput(snapshot: Snapshot, made: PlanMade): PlanInput {
  const { plan } = made;
  const drivers = new Map(snapshot.drivers.map((driver) => [driver.id, driver]));
  const waiting = new Map(snapshot.waiting.map((delivery) => [delivery.id, delivery]));
  const groups = groupsOf(plan.changes);
  const told = plan.changes.flatMap((change) => {
    const driver = drivers.get(change.driverId);
    return driver === undefined ? [] : [changedRow(driver, change, groups.get(driver.id) ?? 0, made)];
  });
  const retimed = retimedRows(snapshot, plan, groups.size);
  const holds = [...heldRows(snapshot, plan, waiting), ...unplannedRows(snapshot, plan, waiting)];
  return {
    shop_id: snapshot.shopId,
    rows: [...told, ...retimed].map(({ row }) => row),
    parts: [...told, ...retimed].flatMap(({ parts }) => parts),
    holds,
    decisions: decisionsOf(snapshot, made, holds),
    eta_change_s: snapshot.settings.etaChangeS,
  };
}

/** By driver: drivers between whom a delivery moves have the same number. */
function groupsOf(changes: readonly RouteChange[]): ReadonlyMap<string, number> {
  const leader = new Map(changes.map(({ driverId }) => [driverId, driverId]));
  const top = (id: string): string => {
    const above = leader.get(id) ?? id;
    return above === id ? id : top(above);
  };
  const giver = new Map(changes.flatMap(({ driverId, taken }) => taken.map((id) => [id, driverId] as const)));
  for (const { driverId, told } of changes) {
    for (const { deliveryId } of told) {
      const from = giver.get(deliveryId);
      if (from !== undefined) leader.set(top(from), top(driverId));
    }
  }
  const numbers = [...new Set(changes.map(({ driverId }) => top(driverId)))];
  return new Map(changes.map(({ driverId }) => [driverId, numbers.indexOf(top(driverId))]));
}

interface RowAndParts {
  row: PlanRow;
  parts: readonly PlanPart[];
}

function changedRow(
  driver: DriverFacts,
  change: RouteChange,
  grp: number,
  { factsOf, reasons }: PlanMade,
): RowAndParts {
  const told = new Set(change.told.map(({ deliveryId }) => deliveryId));
  const parts = partsOf(driver.id, change.stops).map((part) =>
    told.has(part.delivery)
      ? {
          ...part,
          role: 'new' as const,
          version: factsOf(part.delivery)?.version ?? null,
          data: reasons.get(part.delivery) ?? null,
        }
      : part,
  );
  const taken = change.taken.map((delivery) => ({ ...NOWHERE, driver: driver.id, delivery, role: 'taken' as const }));
  return {
    row: {
      driver: driver.id,
      version: driver.version,
      grp,
      fixed_rank: fixedStops(driver),
      changes: true,
      route: change.stops.map(({ deliveryId, kind }) => [deliveryId, kind] as const),
    },
    parts: [...parts, ...taken],
  };
}

const NOWHERE = { version: null, pickup_rank: null, dropoff_rank: null, pickup_at: null, dropoff_at: null, data: null };

/** Each delivery of a route with the places and times of its stops. */
function partsOf(driver: string, stops: readonly (PlannedStop & { rank?: number })[]): PlanPart[] {
  const parts = new Map<string, PlanPart>();
  for (const [place, { deliveryId, kind, atMs, rank = place + 1 }] of stops.entries()) {
    const part = parts.get(deliveryId) ?? { ...NOWHERE, driver, delivery: deliveryId, role: 'kept' as const };
    const stop =
      kind === 'pickup' ? { pickup_rank: rank, pickup_at: iso(atMs) } : { dropoff_rank: rank, dropoff_at: iso(atMs) };
    parts.set(deliveryId, { ...part, ...stop });
  }
  return [...parts.values()];
}

/** Drivers who do what they did, at other times than were written down. */
function retimedRows({ drivers }: Snapshot, plan: Plan, groups: number): RowAndParts[] {
  const changing = new Set(plan.changes.map(({ driverId }) => driverId));
  const planned = new Map(plan.routes.map((route) => [route.driverId, route.stops]));
  return drivers.flatMap((driver, place) => {
    const stops = planned.get(driver.id);
    if (stops === undefined || changing.has(driver.id) || driver.stops.length === 0) return [];
    const at = new Map(stops.map(({ deliveryId, kind, atMs }) => [`${kind} ${deliveryId}`, atMs]));
    const timed = stopsOf(driver.stops).flatMap((stop) => {
      const atMs = at.get(`${stop.kind} ${stop.deliveryId}`);
      return atMs === undefined ? [] : [{ ...stop, atMs }];
    });
    if (!timed.some((stop) => isNewTime(driver.stops, stop))) return [];
    const row = { driver: driver.id, version: driver.version, grp: groups + place, changes: false, route: [] };
    return [{ row: { ...row, fixed_rank: driver.fixed_rank }, parts: partsOf(driver.id, timed) }];
  });
}

function isNewTime(held: readonly DeliveryFacts[], { deliveryId, kind, atMs }: PlannedStop): boolean {
  const delivery = held.find(({ id }) => id === deliveryId);
  return hasMoved(kind === 'pickup' ? delivery?.planned_pickup_at : delivery?.planned_dropoff_at, atMs);
}

function hasMoved(was: number | null | undefined, is: number | null): boolean {
  if (was == null || is === null) return (was ?? null) !== is;
  return Math.abs(was - is) > WORTH_WRITING_MS;
}

type Waiting = ReadonlyMap<string, DeliveryFacts>;

/** What is held or scheduled, where that is news, or was to be looked at by now. */
function heldRows({ nowMs }: Snapshot, plan: Plan, waiting: Waiting): PlanHold[] {
  return plan.held.flatMap((held) => {
    const delivery = waiting.get(held.deliveryId);
    if (delivery === undefined) return [];
    const state = held.reason === 'scheduled' ? ('scheduled' as const) : ('held' as const);
    const isOld =
      !delivery.is_due &&
      delivery.dispatch === state &&
      delivery.held_reason === held.reason &&
      !hasMoved(delivery.held_until, held.untilMs) &&
      !hasMoved(delivery.planned_dropoff_at, held.dropoffAtMs);
    if (isOld) return [];
    const until = iso(Math.max(held.untilMs, nowMs + SOONEST_MS));
    return [
      {
        ...times(held),
        delivery: delivery.id,
        version: delivery.version,
        state,
        reason: held.reason,
        until,
        next_at: until,
      },
    ];
  });
}

/** The engine does not come back to one delivery more often than this by the clock. */
const SOONEST_MS = 1_000;

function times({ pickupAtMs, dropoffAtMs }: Pick<HeldDelivery, 'pickupAtMs' | 'dropoffAtMs'>) {
  return {
    pickup_at: pickupAtMs === null ? null : iso(pickupAtMs),
    dropoff_at: dropoffAtMs === null ? null : iso(dropoffAtMs),
  };
}

/** What nobody can take now: looked at again after a while, twice as long each time, and when a driver comes free. */
function unplannedRows({ nowMs }: Snapshot, plan: Plan, waiting: Waiting): PlanHold[] {
  return plan.unplanned.flatMap(({ deliveryId, reason }) => {
    const delivery = waiting.get(deliveryId);
    if (delivery === undefined || delivery.dispatch === 'exhausted') return [];
    if (!delivery.is_due && delivery.dispatch === 'searching' && delivery.held_reason === reason) return [];
    const next_at = iso(nowMs + nextDispatchDelayMs(delivery.dispatch_attempts + 1));
    return [
      {
        ...times({ pickupAtMs: null, dropoffAtMs: null }),
        delivery: deliveryId,
        version: delivery.version,
        state: 'searching' as const,
        reason,
        until: null,
        next_at,
      },
    ];
  });
}
