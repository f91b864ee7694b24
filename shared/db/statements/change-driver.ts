import type { CommandResult, Requester } from '../../domain/command.ts';
import type { DriverStatus } from '../../domain/driver.ts';
import { type Db, isUniqueViolation } from '../open-db.ts';
import type { DriverRow } from '../schema.ts';
import { after, command, driverWith } from './command.ts';
import { HEARD } from './eligible.ts';
import { RECEIPT, receiptOf, receivedAt } from './receipt.ts';
import { runCommand } from './run-command.ts';

export interface NewDriver {
  shop_id: string;
  external_ref: string | null;
  name: string;
  phone: string | null;
  vehicle: string | null;
  capacity: number;
  tags: readonly string[];
  shift_ends_at: string | null;
}
export type CreateDriverResult = { outcome: 'created'; driver: DriverRow } | { outcome: 'ref_taken' };

const CREATE_DRIVER = command(
  `shop_id uuid, external_ref text, name text, phone text, vehicle text, capacity smallint, tags text[],
   shift_ends_at timestamptz`,
  {
    steps: `made AS (INSERT INTO dispatch.driver AS w (shop_id, external_ref, name, phone, vehicle, capacity, tags, shift_ends_at)
  SELECT f.shop_id, f.external_ref, f.name, f.phone, f.vehicle, f.capacity, coalesce(f.tags, '{}'), f.shift_ends_at FROM fresh f
  ON CONFLICT (shop_id, external_ref) DO NOTHING RETURNING w AS r)`,
    born: `SELECT 0 AS n, made.r, 'REGISTERED' AS type, NULL::uuid AS delivery_id, NULL::json AS route FROM made`,
    answer: `SELECT f.n, CASE WHEN (made.r).id IS NULL THEN json_build_object('outcome', 'ref_taken')
    ELSE json_build_object('outcome', 'created', 'driver', row_to_json(made.r)) END AS result,
    (made.r).id IS NOT NULL AS keep FROM fresh f LEFT JOIN made ON true`,
  },
);

/** Registers a driver; they start OFFLINE. `ref_taken`: another driver of the shop has this `external_ref`. */
export function createDriver(db: Db, who: Requester, input: NewDriver): Promise<CommandResult<CreateDriverResult>> {
  return runCommand<CreateDriverResult>(db, CREATE_DRIVER, who, { ...input });
}

/** The driver, locked. */
const ANYBODY = `found AS MATERIALIZED (SELECT f.n, w AS r FROM fresh f JOIN dispatch.driver w
    ON w.id = f.driver_id AND w.shop_id = f.shop_id FOR NO KEY UPDATE OF w)`;
/** The same, if they are in service. */
const FOUND = `found AS MATERIALIZED (SELECT f.n, w AS r FROM fresh f JOIN dispatch.driver w
    ON w.id = f.driver_id AND w.shop_id = f.shop_id AND w.active FOR NO KEY UPDATE OF w)`;
const ANSWER_OF = (outcome: string, keep: string) => `SELECT f.n, CASE
    WHEN (found.r).id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', ${outcome}, 'driver', coalesce(row_to_json(now.r), row_to_json(found.r))) END AS result,
    ${keep} AS keep FROM fresh f LEFT JOIN found ON found.n = f.n LEFT JOIN driver_now now ON now.n = f.n`;

export type SetDutyResult = { outcome: 'changed' | 'unchanged'; driver: DriverRow } | { outcome: 'not_found' };

/** With something in hand that is the last, and they are OFFLINE when it is done. */
const DUTY = `CASE WHEN f.last_one AND (found.r).load > 0 THEN 'OFFLINE' ELSE f.duty END`;
const LAST_ONE = 'f.last_one AND (found.r).load = 0';
/** Whoever was silent is shown by nobody, until they are heard from or have changed: this is both. */
const IS_BACK = `f.age_ms IS NOT NULL AND f.duty = 'AVAILABLE' AND NOT EXISTS (
    SELECT FROM dispatch.driver_location l WHERE l.driver_id = f.driver_id AND ${HEARD})`;

const SET_DUTY = command(`shop_id uuid, driver_id uuid, duty text, break_s int, last_one boolean, ${RECEIPT}`, {
  steps: `${FOUND},
seen AS (INSERT INTO dispatch.driver_location AS l (driver_id, shop_id, seen_at)
  SELECT f.driver_id, f.shop_id, ${receivedAt('f')} FROM found JOIN fresh f ON f.n = found.n WHERE f.age_ms IS NOT NULL
  ON CONFLICT (driver_id) DO UPDATE SET seen_at = greatest(l.seen_at, excluded.seen_at) RETURNING 1)`,
  drivers: `SELECT found.n, ${driverWith('found.r', {
    duty: DUTY,
    break_until: `now() + f.break_s * interval '1 s'`,
    last_one: LAST_ONE,
    idle_since: `CASE WHEN f.duty = 'AVAILABLE' AND (found.r).duty <> 'AVAILABLE' AND (found.r).load = 0 THEN now()
      ELSE (found.r).idle_since END`,
  })} AS r, 'DUTY_' || ${DUTY} AS type, NULL::uuid AS delivery_id, NULL::json AS route
  FROM found JOIN fresh f ON f.n = found.n WHERE ${after('seen')} AND ((found.r).duty <> ${DUTY} OR (found.r).last_one <> (${LAST_ONE})
    OR (f.duty = 'BUSY' AND coalesce(f.break_s, extract(epoch FROM (found.r).break_until)) IS NOT NULL) OR (${IS_BACK}))`,
  answer: ANSWER_OF(`CASE WHEN (now.r).id IS NULL THEN 'unchanged' ELSE 'changed' END`, '(found.r).id IS NOT NULL'),
});

/** What a driver does from now on. */
interface DutyInput {
  duty: DriverStatus;
  /** BUSY for so many seconds, AVAILABLE after that by themselves; null: until they say so. */
  break_s?: number | null;
  /** AVAILABLE for one more trip; with something in hand, for none: that is the last. */
  last_one?: boolean;
}

/**
 * What the driver says of themselves. With a delivery in hand the status may not show it yet (`domain/driver.ts`).
 * @param input.contact the driver said it, which counts as being heard from
 * @param heardAtMs when it was received, by `performance.now()`
 */
export function commitDuty(
  db: Db,
  who: Requester,
  input: { shop_id: string; driver_id: string; contact: boolean } & DutyInput,
  heardAtMs = performance.now(),
): Promise<CommandResult<SetDutyResult>> {
  const { contact, break_s = null, last_one = false, ...rest } = input;
  const asked = { ...rest, break_s, last_one, ...(contact && receiptOf(db, heardAtMs)) };
  return runCommand<SetDutyResult>(db, SET_DUTY, who, asked);
}

export interface DriverChange {
  name?: string;
  phone?: string | null;
  vehicle?: string | null;
  capacity?: number;
  external_ref?: string | null;
  tags?: readonly string[];
  shift_ends_at?: string | null;
}
export type ChangeDriverResult =
  | { outcome: 'changed' | 'capacity_in_use'; driver: DriverRow }
  | { outcome: 'not_found' | 'ref_taken' };

/** A column that may also be set to null. */
const sent = (column: string) =>
  `CASE WHEN f.change::jsonb ? '${column}' THEN c.${column} ELSE (found.r).${column} END`;

const CHANGE_DRIVER = command('shop_id uuid, driver_id uuid, change json', {
  steps: `${FOUND},
wish AS (SELECT t.* FROM fresh f, json_to_record(f.change) AS t(name text, phone text, vehicle text, capacity smallint,
  external_ref text, tags text[], shift_ends_at timestamptz))`,
  drivers: `SELECT found.n, ${driverWith('found.r', {
    name: 'coalesce(c.name, (found.r).name)',
    capacity: 'coalesce(c.capacity, (found.r).capacity)',
    tags: 'coalesce(c.tags, (found.r).tags)',
    phone: sent('phone'),
    vehicle: sent('vehicle'),
    external_ref: sent('external_ref'),
    shift_ends_at: sent('shift_ends_at'),
  })} AS r, 'CHANGED' AS type, NULL::uuid AS delivery_id, NULL::json AS route
  FROM found JOIN fresh f ON f.n = found.n, wish c
  WHERE (found.r).load + (found.r).reserved <= coalesce(c.capacity, (found.r).capacity)`,
  answer: ANSWER_OF(`CASE WHEN (now.r).id IS NULL THEN 'capacity_in_use' ELSE 'changed' END`, '(now.r).id IS NOT NULL'),
});

/**
 * Changes what is present in `change`. `capacity_in_use`: they carry more than the new capacity; `ref_taken`: another
 * driver of the shop has this `external_ref`.
 */
export async function commitDriverChange(
  db: Db,
  who: Requester,
  which: { shop_id: string; driver_id: string },
  change: DriverChange,
): Promise<CommandResult<ChangeDriverResult>> {
  try {
    return await runCommand<ChangeDriverResult>(db, CHANGE_DRIVER, who, { ...which, change });
  } catch (error) {
    if (!isUniqueViolation(error, 'driver_external_ref')) throw error;
    return { kind: 'done', result: { outcome: 'ref_taken' }, drivers: [] };
  }
}

export type RetireResult = { outcome: 'retired' | 'busy'; driver: DriverRow } | { outcome: 'not_found' };

const RETIRE_DRIVER = command('shop_id uuid, driver_id uuid', {
  steps: ANYBODY,
  drivers: `SELECT found.n, ${driverWith('found.r', {
    active: 'false',
    duty: `'OFFLINE'`,
    external_ref: 'NULL',
    token_version: '(found.r).token_version + 1',
  })} AS r, 'RETIRED' AS type, NULL::uuid AS delivery_id, NULL::json AS route
  FROM found WHERE (found.r).active AND (found.r).load = 0`,
  answer: ANSWER_OF(
    `CASE WHEN (now.r).id IS NULL AND (found.r).active THEN 'busy' ELSE 'retired' END`,
    'NOT coalesce((found.r).active AND (found.r).load > 0, true)',
  ),
});

/** Takes a driver out of service for good and withdraws their tokens; refused (`busy`) while they carry something. */
export function commitRetirement(
  db: Db,
  who: Requester,
  which: { shop_id: string; driver_id: string },
): Promise<CommandResult<RetireResult>> {
  return runCommand<RetireResult>(db, RETIRE_DRIVER, who, which);
}

export type TokenVersionResult =
  | { outcome: 'granted'; driver_id: string; token_version: number; shop_token_version: number; issued_at_s: number }
  | { outcome: 'not_found' };

const GRANT_TOKEN = command('shop_id uuid, driver_id uuid, revoke boolean', {
  steps: `granted AS (UPDATE dispatch.driver w SET token_version = w.token_version + CASE WHEN f.revoke THEN 1 ELSE 0 END
  FROM fresh f WHERE w.id = f.driver_id AND w.shop_id = f.shop_id AND w.active RETURNING w.id, w.token_version)`,
  answer: `SELECT f.n, CASE WHEN g.id IS NULL THEN json_build_object('outcome', 'not_found') ELSE
    json_build_object('outcome', 'granted', 'driver_id', g.id, 'token_version', g.token_version,
      'shop_token_version', s.token_version, 'issued_at_s', floor(extract(epoch from now()))::bigint) END AS result,
    g.id IS NOT NULL AS keep
  FROM fresh f LEFT JOIN granted g ON true LEFT JOIN dispatch.shop s ON s.id = f.shop_id`,
});

/** What a driver's token has to carry; `revoke` withdraws all earlier ones. The token itself is signed by the caller. */
export function commitTokenGrant(
  db: Db,
  who: Requester,
  input: { shop_id: string; driver_id: string; revoke: boolean },
): Promise<CommandResult<TokenVersionResult>> {
  return runCommand<TokenVersionResult>(db, GRANT_TOKEN, who, input);
}
