import type { DriverChange, DriverStatusChange, NewDriver } from '../contract/drivers.ts';
import type { Page } from '../contract/nouns.ts';
import type { DriverRow } from '../db/schema.ts';
import {
  type ChangeDriverResult,
  type CreateDriverResult,
  commitDriverChange,
  commitDuty,
  commitRetirement,
  commitTokenGrant,
  createDriver,
  type RetireResult,
  type SetDutyResult,
  type TokenVersionResult,
} from '../db/statements/change-driver.ts';
import { readLocations } from '../db/statements/locations.ts';
import { selectDriver, selectDrivers } from '../db/statements/reads.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { Position } from '../domain/geo.ts';
import type { FlowDeps } from './deps.ts';

/** A driver's change is committed; now Redis hears of it, and whatever waits may be planned anew. */
async function settle<Result>(
  deps: FlowDeps,
  caller: Caller,
  ran: CommandResult<Result>,
): Promise<CommandResult<Result>> {
  if (ran.kind !== 'done' || ran.drivers.length === 0) return ran;
  await projectDrivers(deps, caller, ran.drivers);
  for (const shopId of new Set(ran.drivers.map((driver) => driver.shop_id))) await deps.dispatch.mark(shopId);
  return ran;
}

export async function registerDriver(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  input: NewDriver,
): Promise<CommandResult<CreateDriverResult>> {
  const { externalRef, shiftEndsAt, ...rest } = input;
  const row = { shop_id: shopId, external_ref: externalRef, shift_ends_at: shiftEndsAt, ...rest };
  return settle(deps, caller, await createDriver(deps.db, caller, row));
}

/**
 * What the driver says of themselves. Said by themselves (`contact`), it also counts as being heard from.
 * @param heardAtMs when it was received, by `performance.now()`
 */
export async function setDuty(
  deps: FlowDeps,
  caller: Caller,
  which: { shopId: string; driverId: string },
  { status: duty, breakS, lastOne }: DriverStatusChange,
  contact: boolean,
  heardAtMs?: number,
): Promise<CommandResult<SetDutyResult>> {
  const said = { duty, break_s: breakS ?? null, last_one: lastOne ?? false };
  const input = { shop_id: which.shopId, driver_id: which.driverId, contact, ...said };
  return settle(deps, caller, await commitDuty(deps.db, caller, input, heardAtMs));
}

export async function changeDriver(
  deps: FlowDeps,
  caller: Caller,
  which: { shopId: string; driverId: string },
  input: DriverChange,
): Promise<CommandResult<ChangeDriverResult>> {
  const { externalRef, shiftEndsAt, ...rest } = input;
  const named = { ...rest, external_ref: externalRef, shift_ends_at: shiftEndsAt };
  const columns = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  const ran = await commitDriverChange(deps.db, caller, { shop_id: which.shopId, driver_id: which.driverId }, columns);
  return settle(deps, caller, ran);
}

export async function retireDriver(
  deps: FlowDeps,
  caller: Caller,
  which: { shopId: string; driverId: string },
): Promise<CommandResult<RetireResult>> {
  return settle(
    deps,
    caller,
    await commitRetirement(deps.db, caller, { shop_id: which.shopId, driver_id: which.driverId }),
  );
}

export function grantToken(
  deps: FlowDeps,
  caller: Caller,
  which: { shopId: string; driverId: string },
  revoke: boolean,
): Promise<CommandResult<TokenVersionResult>> {
  return commitTokenGrant(deps.db, caller, { shop_id: which.shopId, driver_id: which.driverId, revoke });
}

export function readDriver(deps: Pick<FlowDeps, 'db'>, shopId: string, driverId: string): Promise<DriverRow | null> {
  return selectDriver(deps.db, shopId, driverId);
}

export async function listDrivers(
  deps: Pick<FlowDeps, 'db'>,
  shopId: string,
  query: { status: string | null; retired: boolean; cursor: string | null; limit: number },
): Promise<Page<DriverRow>> {
  const rows = await selectDrivers(deps.db, shopId, { ...query, afterId: query.cursor, limit: query.limit + 1 });
  return toPage(rows, query.limit);
}

/** One row more than asked for was read: if it is there, there is a next page. */
export function toPage<Row extends { id: string }>(rows: readonly Row[], limit: number): Page<Row> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Where a driver is, when they were there, and when they were last heard from; the place from Redis if they were heard from lately, else from Postgres' thinned copy. */
export async function locateDriver(
  deps: FlowDeps,
  caller: Pick<Caller, 'degraded'>,
  shopId: string,
  driverId: string,
): Promise<{ position: Position | null; positionAt: string | null; seenAt: string | null }> {
  const [row] = await readLocations(deps.db, shopId, [driverId]);
  const seenAt = row?.seen_at ?? null;
  const fresh = await freshPosition(deps, caller, shopId, driverId);
  if (fresh !== null) return { ...fresh, seenAt };
  if (row?.lat == null || row.lon === null) return { position: null, positionAt: null, seenAt };
  return { position: { lat: row.lat, lon: row.lon }, positionAt: utcOrNull(row.recorded_at), seenAt };
}

async function freshPosition(
  { availability }: FlowDeps,
  caller: Pick<Caller, 'degraded'>,
  shopId: string,
  driverId: string,
): Promise<{ position: Position; positionAt: string | null } | null> {
  try {
    const [last] = (await availability?.lastPositions(shopId, [driverId])) ?? [];
    if (last == null || last.position === null) return null;
    const { position, recordedAtMs } = last;
    return { position, positionAt: recordedAtMs === 0 ? null : new Date(recordedAtMs).toISOString() };
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    caller.degraded.add('redis');
    return null;
  }
}

const utcOrNull = (at: string | null) => (at === null ? null : new Date(at).toISOString());
