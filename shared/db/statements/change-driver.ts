import type { DriverStatus } from '../../domain/driver.ts';
import { type Db, isUniqueViolation } from '../open-db.ts';
import type { DriverRow } from '../schema.ts';
import { command, type IdempotencyClaim, NO_DRIVERS, NO_EVENTS, type Ran, runCommand } from './command.ts';

type Who = { actor: string; idempotency: IdempotencyClaim | null };

export interface NewDriver {
  shop_id: string;
  external_ref: string | null;
  name: string;
  phone: string | null;
  vehicle: string | null;
  capacity: number;
}
export type CreateDriverResult = { outcome: 'created'; driver: DriverRow } | { outcome: 'ref_taken' };

const CREATE_DRIVER = command(
  'shop_id uuid, external_ref text, name text, phone text, vehicle text, capacity smallint',
  `ins AS (INSERT INTO dispatch.driver AS d (shop_id, external_ref, name, phone, vehicle, capacity)
  SELECT p.shop_id, p.external_ref, p.name, p.phone, p.vehicle, p.capacity FROM p, go
  ON CONFLICT (shop_id, external_ref) DO NOTHING RETURNING d AS r),
drv AS (SELECT ins.r, 'REGISTERED' AS type, NULL::uuid AS delivery_id FROM ins),
${NO_EVENTS},
out AS (SELECT CASE WHEN (ins.r).id IS NULL THEN json_build_object('outcome', 'ref_taken')
    ELSE json_build_object('outcome', 'created', 'driver', row_to_json(ins.r)) END AS result,
    (ins.r).id IS NOT NULL AS keep FROM p LEFT JOIN ins ON true)`,
);

/** Registers a driver; he starts OFFLINE. `ref_taken`: another driver of the shop has this `external_ref`. */
export function createDriver(db: Db, who: Who, input: NewDriver): Promise<Ran<CreateDriverResult>> {
  return runCommand<CreateDriverResult>(db, CREATE_DRIVER, who, { ...input });
}

export type SetDutyResult = { outcome: 'changed' | 'unchanged'; driver: DriverRow } | { outcome: 'not_found' };

const SET_DUTY = command(
  'shop_id uuid, driver_id uuid, duty text, contact boolean',
  `cur AS (SELECT d AS r, d.id FROM p, go, dispatch.driver d
  WHERE d.id = p.driver_id AND d.shop_id = p.shop_id AND d.active FOR UPDATE OF d),
upd AS (UPDATE dispatch.driver d SET duty = p.duty, version = d.version + 1,
    idle_since = CASE WHEN p.duty = 'AVAILABLE' AND d.load = 0 THEN now() ELSE d.idle_since END
  FROM p, cur WHERE d.id = cur.id AND d.duty <> p.duty RETURNING d AS r),
seen AS (INSERT INTO dispatch.driver_location AS l (driver_id, shop_id) SELECT cur.id, p.shop_id FROM cur, p WHERE p.contact
  ON CONFLICT (driver_id) DO UPDATE SET seen_at = now()),
drv AS (SELECT upd.r, 'DUTY_' || (upd.r).duty AS type, NULL::uuid AS delivery_id FROM upd),
${NO_EVENTS},
out AS (SELECT CASE WHEN cur.id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (upd.r).id IS NULL THEN json_build_object('outcome', 'unchanged', 'driver', row_to_json(cur.r))
    ELSE json_build_object('outcome', 'changed', 'driver', row_to_json(upd.r)) END AS result, cur.id IS NOT NULL AS keep
  FROM p LEFT JOIN cur ON true LEFT JOIN upd ON true)`,
);

/**
 * What the driver says of himself. With a delivery in hand the status may not show it yet (`domain/driver.ts`).
 * @param input.contact the driver himself said it, which counts as being heard from
 */
export function setDuty(
  db: Db,
  who: Who,
  input: { shop_id: string; driver_id: string; duty: DriverStatus; contact: boolean },
): Promise<Ran<SetDutyResult>> {
  return runCommand<SetDutyResult>(db, SET_DUTY, who, input);
}

export interface DriverChange {
  name?: string;
  phone?: string | null;
  vehicle?: string | null;
  capacity?: number;
  external_ref?: string | null;
}
export type ChangeDriverResult =
  | { outcome: 'changed' | 'capacity_in_use'; driver: DriverRow }
  | { outcome: 'not_found' | 'ref_taken' };

const CHANGE_DRIVER = command(
  'shop_id uuid, driver_id uuid, change json',
  `cur AS (SELECT d AS r, d.id, d.load FROM p, go, dispatch.driver d
  WHERE d.id = p.driver_id AND d.shop_id = p.shop_id AND d.active FOR UPDATE OF d),
c AS (SELECT t.* FROM p, json_to_record(p.change) AS t(name text, phone text, vehicle text, capacity smallint, external_ref text)),
upd AS (UPDATE dispatch.driver d SET name = coalesce(c.name, d.name), capacity = coalesce(c.capacity, d.capacity),
    phone = CASE WHEN p.change::jsonb ? 'phone' THEN c.phone ELSE d.phone END,
    vehicle = CASE WHEN p.change::jsonb ? 'vehicle' THEN c.vehicle ELSE d.vehicle END,
    external_ref = CASE WHEN p.change::jsonb ? 'external_ref' THEN c.external_ref ELSE d.external_ref END,
    version = d.version + 1
  FROM p, c, cur WHERE d.id = cur.id AND cur.load <= coalesce(c.capacity, cur.load) RETURNING d AS r),
drv AS (SELECT upd.r, 'CHANGED' AS type, NULL::uuid AS delivery_id FROM upd),
${NO_EVENTS},
out AS (SELECT CASE WHEN cur.id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (upd.r).id IS NULL THEN json_build_object('outcome', 'capacity_in_use', 'driver', row_to_json(cur.r))
    ELSE json_build_object('outcome', 'changed', 'driver', row_to_json(upd.r)) END AS result,
    (upd.r).id IS NOT NULL AS keep FROM p LEFT JOIN cur ON true LEFT JOIN upd ON true)`,
);

/**
 * Changes what is present in `change`. `capacity_in_use`: he carries more than the new capacity; `ref_taken`: another
 * driver of the shop has this `external_ref`.
 */
export async function changeDriver(
  db: Db,
  who: Who,
  which: { shop_id: string; driver_id: string },
  change: DriverChange,
): Promise<Ran<ChangeDriverResult>> {
  try {
    return await runCommand<ChangeDriverResult>(db, CHANGE_DRIVER, who, { ...which, change });
  } catch (error) {
    if (!isUniqueViolation(error, 'driver_external_ref')) throw error;
    return { kind: 'done', result: { outcome: 'ref_taken' }, drivers: [] };
  }
}

export type RetireResult = { outcome: 'retired' | 'busy'; driver: DriverRow } | { outcome: 'not_found' };

const RETIRE_DRIVER = command(
  'shop_id uuid, driver_id uuid',
  `cur AS (SELECT d AS r, d.id, d.load, d.active FROM p, go, dispatch.driver d
  WHERE d.id = p.driver_id AND d.shop_id = p.shop_id FOR UPDATE OF d),
upd AS (UPDATE dispatch.driver d SET active = false, duty = 'OFFLINE', external_ref = NULL,
    token_version = d.token_version + 1, version = d.version + 1
  FROM cur WHERE d.id = cur.id AND cur.active AND cur.load = 0 RETURNING d AS r),
drv AS (SELECT upd.r, 'RETIRED' AS type, NULL::uuid AS delivery_id FROM upd),
${NO_EVENTS},
out AS (SELECT CASE WHEN cur.id IS NULL THEN json_build_object('outcome', 'not_found')
    WHEN (upd.r).id IS NOT NULL THEN json_build_object('outcome', 'retired', 'driver', row_to_json(upd.r))
    ELSE json_build_object('outcome', CASE WHEN cur.active THEN 'busy' ELSE 'retired' END, 'driver', row_to_json(cur.r)) END
    AS result, NOT coalesce(cur.active AND cur.load > 0, true) AS keep FROM p LEFT JOIN cur ON true LEFT JOIN upd ON true)`,
);

/** Takes a driver out of service for good and withdraws his tokens; refused (`busy`) while he carries something. */
export function retireDriver(
  db: Db,
  who: Who,
  which: { shop_id: string; driver_id: string },
): Promise<Ran<RetireResult>> {
  return runCommand<RetireResult>(db, RETIRE_DRIVER, who, which);
}

export type TokenVersionResult =
  | { outcome: 'granted'; driver_id: string; token_version: number; shop_token_version: number; issued_at_s: number }
  | { outcome: 'not_found' };

const GRANT_TOKEN = command(
  'shop_id uuid, driver_id uuid, revoke boolean',
  `upd AS (UPDATE dispatch.driver d SET token_version = d.token_version + CASE WHEN p.revoke THEN 1 ELSE 0 END
  FROM p, go WHERE d.id = p.driver_id AND d.shop_id = p.shop_id AND d.active RETURNING d.id, d.token_version),
${NO_DRIVERS},
${NO_EVENTS},
out AS (SELECT CASE WHEN upd.id IS NULL THEN json_build_object('outcome', 'not_found') ELSE
    json_build_object('outcome', 'granted', 'driver_id', upd.id, 'token_version', upd.token_version,
      'shop_token_version', s.token_version, 'issued_at_s', floor(extract(epoch from now()))::bigint) END AS result,
    upd.id IS NOT NULL AS keep
  FROM p LEFT JOIN upd ON true LEFT JOIN dispatch.shop s ON s.id = p.shop_id)`,
);

/** What a driver's token has to carry; `revoke` withdraws all earlier ones. The token itself is signed by the caller. */
export function grantToken(
  db: Db,
  who: Who,
  input: { shop_id: string; driver_id: string; revoke: boolean },
): Promise<Ran<TokenVersionResult>> {
  return runCommand<TokenVersionResult>(db, GRANT_TOKEN, who, input);
}
